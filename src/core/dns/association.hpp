// TLSA associations: `usage selector mtype data` (RFC 6698 section 2, names of RFC 7218).
#pragma once

#include "core/base/result.hpp"

#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace danectl {

// (usage, selector, mtype): what one profile line asks for, and what groups a published RRset (RFC 7671 section 8).
struct Group {
  std::uint8_t usage = 3;
  std::uint8_t selector = 1;
  std::uint8_t mtype = 1;

  // "3 1 1"
  static Result<Group> parse(std::string_view text);
  [[nodiscard]] std::string text() const;
  auto operator<=>(const Group&) const = default;
};

struct Association {
  Group group;
  std::string hex;  // the data, lower case, without blanks

  // "3 1 1 0123...": blanks within the hexadecimal part are allowed (RFC 6698 section 2.2); digests must
  // have their length (64 digits for mtype 1, 128 for mtype 2).
  static Result<Association> parse(std::string_view text);
  // From RDATA as on the wire; anything of three octets or more is taken, so that what is published
  // can be shown as it is.
  static Result<Association> from_rdata(std::span<const std::uint8_t> rdata);

  [[nodiscard]] std::string text() const;     // "3 1 1 0123..."
  [[nodiscard]] std::string rfc3597() const;  // "\# 35 030101..."
  auto operator<=>(const Association&) const = default;
};

using RRset = std::vector<Association>;

// How records are written: as TLSA, or for what does not know that type as one of an unknown type (RFC 3597 section 5).
enum class RecordForm { tlsa, rfc3597 };
std::string data_text(const Association& association, RecordForm form);    // "3 1 1 0123...", "\\# 35 030101..."
std::string record_text(const Association& association, RecordForm form);  // the same behind "TLSA" or "TYPE52"

std::string to_hex(std::span<const std::uint8_t> bytes);
// An odd number of digits or a digit that is none: nothing.
Result<std::vector<std::uint8_t>> from_hex(std::string_view hex);

}  // namespace danectl
