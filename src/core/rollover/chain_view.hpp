// A chain that some server may present now, or would after a deployment, as the rules look at it; and the one question
// that is asked of it: does it pass this RRset for this sender?
#pragma once

#include "core/base/time.hpp"
#include "core/keys/certificate.hpp"
#include "core/keys/key_id.hpp"
#include "core/rollover/sender.hpp"

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace danectl {

// A chain that exists.
struct KnownChain {
  std::shared_ptr<const Chain> chain;
};

// A chain that is still to be issued: for this key, by the issuers of `like`, with the names and dates that are needed.
struct ExpectedChain {
  KeyId key;
  std::shared_ptr<const Chain> like;
};

// All that is known of the servers of others is a record that they published: a chain that matches that record alone.
struct OnlyMatches {
  Association record;
};

std::shared_ptr<const Chain> shared(Chain chain);

struct ChainView {
  std::string what;  // for a sentence: "the deployed chain of mx.example.com"
  std::variant<KnownChain, ExpectedChain, OnlyMatches> chain;
  // The reference identifiers that count for records of usage 2, each by itself (RFC 7672 section 3.2.2).
  std::vector<std::string> hosts;
  std::vector<Sender> senders;
  std::optional<WallTime> until{};  // presented no longer than this; nothing: not known
  // Whether a reload or time may take the chain out of what is presented.
  enum class Presence { stays, may_end } presence = Presence::stays;
};

// Dates count for a deployment alone: a certificate that has ended must not keep DNS from being put right.
using Dates = std::optional<WallTime>;  // nothing: the chain is taken as within its dates

// By OpenSSL's DANE verification, SMTP rules (RFC 7672). A sender that can use no record of the RRset does not check:
// the chain passes.
bool passes(const ChainView& view, const RRset& rrset, const Sender& sender, const Dates& dates);

// Whether the certificate has this name, or a wildcard that stands for it (RFC 6125 section 6.4.3).
bool is_for(const Certificate& certificate, const std::string& host);

// A host whose name the certificate does not have, where a record that this sender goes by names an issuer: names count
// there (RFC 7672 section 3.2.2).
std::optional<std::string> unnamed_host(const ChainView& view, const RRset& rrset, const Sender& sender);

}  // namespace danectl
