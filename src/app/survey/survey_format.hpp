// The formats of a survey. Each line of the list that names a domain, or something else, is a line in each of them.
#pragma once

#include "app/survey/domain_list.hpp"
#include "core/survey/survey_line.hpp"

#include <string>
#include <string_view>

namespace danectl {

enum class SurveyFormat { text, json, csv };
Result<SurveyFormat> parse_survey_format(std::string_view text);
std::string_view to_text(SurveyFormat format);

// The first line, with its end; empty: there is none.
std::string survey_header(SurveyFormat format);
// Of an entry's line, by which it is recognised.
std::string survey_beginning(SurveyFormat format, const ListEntry& entry);
// With its end. It begins with survey_beginning().
std::string survey_text(SurveyFormat format, const SurveyLine& line);

}  // namespace danectl
