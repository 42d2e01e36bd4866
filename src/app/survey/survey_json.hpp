// `survey --format json`: one object a line. It is also read again, for the summary of a survey that goes on.
#pragma once

#include "app/survey/domain_list.hpp"
#include "core/survey/survey_line.hpp"

#include <string>
#include <string_view>

namespace danectl {

std::string json_beginning(const ListEntry& entry);
std::string json_line(const SurveyLine& line);

// What json_line() wrote, but for reasons, which no summary has. ErrorKind::invalid: it did not write this.
Result<SurveyLine> read_json_line(std::string_view text);

}  // namespace danectl
