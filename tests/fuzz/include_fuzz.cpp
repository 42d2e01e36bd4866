// A zone file's included records, from text of any kind: no record that was read is lost when they are written anew.
#include "fuzz/demand.hpp"

#include "core/records/include_text.hpp"

#include <algorithm>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace danectl;
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const auto records = parse_include(text, "fuzz.include");
  if (!records) {
    demand(records.error().what.find("fuzz.include") != std::string::npos);
    return 0;
  }
  for (const RecordForm form : {RecordForm::tlsa, RecordForm::rfc3597}) {
    const auto again = parse_include(include_text(*records, form), "fuzz.include");
    demand(again && std::is_permutation(again->begin(), again->end(), records->begin(), records->end()));
  }
  return 0;
}
