// The files of a lineage's state and of an owner's ledger, from text of any kind: what is read is written back the
// same.
#include "fuzz/demand.hpp"

#include "core/rollover/ledger_json.hpp"
#include "core/rollover/state_json.hpp"

#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace danectl;
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const std::string path = "fuzz.json";
  if (const auto state = read_state(text, path)) {
    const auto again = read_state(write_state(*state), path);
    demand(again && differences(*state, *again).empty());
  } else {
    demand(state.error().what.find(path) != std::string::npos);
  }
  if (const auto ledger = read_ledger(text, path)) {
    const std::string written = write_ledger(*ledger);
    const auto again = read_ledger(written, path);
    demand(again && write_ledger(*again) == written);
  } else {
    demand(ledger.error().what.find(path) != std::string::npos);
  }
  return 0;
}
