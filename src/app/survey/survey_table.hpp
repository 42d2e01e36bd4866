// `survey --format text`: a line for a person, of at most 80 columns where names let it.
#pragma once

#include "app/survey/domain_list.hpp"
#include "core/survey/survey_line.hpp"

#include <string>

namespace danectl {

std::string table_header();
std::string table_beginning(const ListEntry& entry);
std::string table_line(const SurveyLine& line);

}  // namespace danectl
