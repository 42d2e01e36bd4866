// What certbot and other children print, of any octets: nothing of it reaches a terminal that could do harm there.
#include "fuzz/demand.hpp"

#include "core/base/foreign_text.hpp"
#include "system/certbot/certbot_failure.hpp"

#include <algorithm>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace danectl;
  const std::string text(reinterpret_cast<const char*>(bytes), size);
  const auto end_of_first = std::min(text.find('\0'), text.size());
  Outcome outcome;
  outcome.exit_code = 1;
  outcome.err = text.substr(0, end_of_first);
  const CertbotFailure failure = read_certbot_failure(outcome, std::string_view(text).substr(end_of_first));
  // Not knowing is no proof that nothing was ordered.
  if (outcome.err.empty()) demand(failure.ordered);
  for (const std::string& told : {printable(text), printable(failure.sentence + failure.last_lines)}) {
    demand(std::none_of(told.begin(), told.end(), [](char c) { return (c >= 0 && c < ' ' && c != '\n') || c == 127; }));
    demand(printable(told) == told);
  }
  const std::string line = one_line(text);
  demand(line.find('\n') == std::string::npos && one_line(line) == line);
  return 0;
}
