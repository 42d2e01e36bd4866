#include "app/survey/survey_format.hpp"

#include "app/survey/survey_csv.hpp"
#include "app/survey/survey_json.hpp"
#include "app/survey/survey_table.hpp"

#include <fmt/format.h>

namespace danectl {

Result<SurveyFormat> parse_survey_format(std::string_view text) {
  for (const SurveyFormat format : {SurveyFormat::text, SurveyFormat::json, SurveyFormat::csv}) {
    if (text == to_text(format)) return format;
  }
  return invalid(fmt::format("'{}' is not a format of survey", text), "text, json or csv");
}

std::string_view to_text(SurveyFormat format) {
  switch (format) {
    case SurveyFormat::json:
      return "json";
    case SurveyFormat::csv:
      return "csv";
    case SurveyFormat::text:
      break;
  }
  return "text";
}

std::string survey_header(SurveyFormat format) {
  switch (format) {
    case SurveyFormat::json:
      return {};
    case SurveyFormat::csv:
      return csv_header();
    case SurveyFormat::text:
      break;
  }
  return table_header();
}

std::string survey_beginning(SurveyFormat format, const ListEntry& entry) {
  switch (format) {
    case SurveyFormat::json:
      return json_beginning(entry);
    case SurveyFormat::csv:
      return csv_beginning(entry);
    case SurveyFormat::text:
      break;
  }
  return table_beginning(entry);
}

std::string survey_text(SurveyFormat format, const SurveyLine& line) {
  switch (format) {
    case SurveyFormat::json:
      return json_line(line);
    case SurveyFormat::csv:
      return csv_line(line);
    case SurveyFormat::text:
      break;
  }
  return table_line(line);
}

}  // namespace danectl
