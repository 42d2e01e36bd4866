// `survey --format csv`: a row a domain (RFC 4180), its hosts within a field. No field is a formula to a spreadsheet.
#pragma once

#include "app/survey/domain_list.hpp"
#include "core/survey/survey_line.hpp"

#include <string>
#include <string_view>

namespace danectl {

std::string csv_header();
std::string csv_beginning(const ListEntry& entry);
std::string csv_line(const SurveyLine& line);

// Quoted where that is needed. What begins as a formula does gets an apostrophe in front, which spreadsheets take for
// "this is text".
std::string csv_field(std::string_view text);

}  // namespace danectl
