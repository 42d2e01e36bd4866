#include "core/keys/usable.hpp"

#include "core/keys/openssl_ptr.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace danectl {

namespace {

bool is_hexadecimal(std::string_view text) {
  const auto is_digit = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  };
  return text.size() % 2 == 0 && std::all_of(text.begin(), text.end(), is_digit);
}

bool is_whole(const Association& association) {
  const auto octets = from_hex(association.hex);
  if (!octets) return false;
  const std::span<const std::uint8_t> der = *octets;
  const bool yes = association.group.selector == 0 ? from_der<X509Ptr>(d2i_X509, der) != nullptr
                                                   : from_der<PkeyPtr>(d2i_PUBKEY, der) != nullptr;
  ERR_clear_error();
  return yes;
}

std::optional<std::string> fault_of_usage(std::uint8_t usage, PkixUsages pkix) {
  if (usage > 3) return fmt::format("usage {} is unknown", usage);
  if (usage > 1 || pkix == PkixUsages::usable) return std::nullopt;
  return fmt::format("usage {} is not for SMTP (RFC 7672 section 3.1.3)", usage);
}

std::optional<std::string> fault_of_data(const Association& association) {
  const auto digest_of = [&](std::size_t length) -> std::optional<std::string> {
    const std::size_t octets = association.hex.size() / 2;
    if (octets == length) return std::nullopt;
    return fmt::format("a digest of {} octets instead of {}", octets, length);
  };
  switch (association.group.mtype) {
    case 0:
      if (is_whole(association)) return std::nullopt;
      return association.group.selector == 0 ? "the data is not a certificate" : "the data is not a public key";
    case 1:
      return digest_of(32);
    case 2:
      return digest_of(64);
    default:
      return fmt::format("matching type {} is unknown", association.group.mtype);
  }
}

}  // namespace

std::optional<std::string> unusable_because(const Association& association, PkixUsages pkix) {
  if (auto fault = fault_of_usage(association.group.usage, pkix)) return fault;
  if (association.group.selector > 1) return fmt::format("selector {} is unknown", association.group.selector);
  if (!is_hexadecimal(association.hex)) return "the data is not hexadecimal";
  return fault_of_data(association);
}

bool usable(const Association& association) {
  return !unusable_because(association, PkixUsages::unusable);
}

bool is_known_to_all(const Group& group) {
  return group.mtype != 2;
}

bool hides(const Group& stronger, const Group& weaker) {
  return stronger.usage == weaker.usage && stronger.selector == weaker.selector && weaker.mtype == 1 &&
         stronger.mtype == 2;
}

}  // namespace danectl
