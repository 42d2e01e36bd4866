// Chains and TLSA records of any kind, one after the other: whatever else stands beside them, records that a chain does
// not show never pass it. The input is records, a line each, then an empty line, then the chain.
#include "fuzz/demand.hpp"

#include "core/keys/dane_verify.hpp"

#include <algorithm>
#include <cstdint>
#include <map>

namespace {

using namespace danectl;

RRset records_in(std::string_view text) {
  RRset records;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (auto record = Association::parse(text.substr(0, end))) records.push_back(*std::move(record));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return records;
}

// A weaker digest beside a stronger one passes by itself, and counts for nothing in the RRset (RFC 7671 section 9).
bool any_is_hidden(const std::map<Group, Result<DaneMatch>>& groups) {
  for (const auto& [one, match] : groups) {
    for (const auto& [other, its_match] : groups) {
      if (are_digests_of_one(one, other)) return true;
    }
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const std::size_t half = text.find("\n\n");
  if (half == std::string_view::npos) return 0;
  const auto chain = read_chain(text.substr(half + 2));
  if (!chain) return 0;
  const RRset records = records_in(text.substr(0, half));
  const std::vector<std::string> names = chain->leaf().names;
  const auto verified = dane_verify(*chain, records, names, std::nullopt);
  if (verified) {
    const Association& by = verified->association;
    demand(std::find(records.begin(), records.end(), by) != records.end());
    // The whole certificate of an anchor is in the record itself.
    demand(shows(*chain, by) || by.group.usage == 2);
    if (by.group.usage == 3) demand(verified->depth == 0);
  }
  const auto groups = dane_verify_groups(*chain, records, names, std::nullopt);
  const bool any = std::any_of(groups.begin(), groups.end(), [](const auto& one) { return one.second.ok(); });
  demand(!any || verified.ok() || any_is_hidden(groups));
  return 0;
}
