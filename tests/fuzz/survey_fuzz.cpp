// Lines of the list of a survey, and of its output in JSON, from text of any kind.
#include "fuzz/demand.hpp"

#include "app/survey/survey_json.hpp"
#include "core/survey/list_line.hpp"

#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace danectl;
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const ListLine listed = read_list_line(text);
  demand((listed.kind == ListLine::Kind::fault) == !listed.why.empty());
  SurveyLine line;
  line.number = 1;
  line.fault = listed.why;
  line.domain.name = listed.domain;
  demand(read_json_line(json_line(line))->fault.empty() == listed.why.empty());
  if (const auto read = read_json_line(text)) demand(read_json_line(json_line(*read)).ok());
  return 0;
}
