// The kinds of senders that check DANE, and which records of an RRset each kind goes by (RFC 7671 sections 8 and 9).
#pragma once

#include "core/dns/association.hpp"

#include <optional>
#include <string>
#include <vector>

namespace danectl {

// What a sender can use.
struct Sender {
  enum class Knows {
    every_digest,
    no_sha512,   // a sender should know SHA-512 and need not (RFC 6698 section 6)
    one_line,    // of a profile: `line` alone
    no_anchors,  // all digests, but takes no trust anchor out of a record (RFC 7671 section 5.2.1): it has to be sent
  };
  Knows knows = Knows::every_digest;
  Group line{};  // for one_line

  [[nodiscard]] std::string text() const;  // "a sender that does not know SHA-512"
  auto operator<=>(const Sender&) const = default;
};

// The kinds that count for a lineage with this profile. An empty profile: those of which nothing special is known.
std::vector<Sender> senders_of(const std::vector<Group>& profile);

// The records that this sender goes by: those that it can use at all, and of several digests for one usage and selector
// the strongest that it knows (digest agility, RFC 7671 section 9). Nothing: it does not check this owner.
RRset used_by(const Sender& sender, const RRset& rrset);
// Whether it checks this owner: it finds a record that it can use.
bool checks(const Sender& sender, const RRset& rrset);

}  // namespace danectl
