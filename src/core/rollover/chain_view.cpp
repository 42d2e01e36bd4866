#include "core/rollover/chain_view.hpp"

#include "core/dns/look.hpp"
#include "core/keys/dane_verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace danectl {
namespace {

constexpr std::uint8_t dane_ee = 3;
constexpr std::uint8_t spki = 1;

bool names_key(const Association& record, const KeyId& key) {
  return record.group.usage == dane_ee && record.group.selector == spki && record.group.mtype > 0 &&
         record == association_of(key, record.group);
}

// A record of usage 3 that holds the digest of the leaf's key is matched, whatever the names and dates (RFC 7671
// section 5.1). OpenSSL says the same and has to parse the certificates for it.
bool matched_by_key(const KeyId& key, const RRset& used) {
  return std::any_of(used.begin(), used.end(), [&](const Association& record) { return names_key(record, key); });
}

bool of_keys_alone(const Association& record) {
  return record.group.usage == dane_ee && record.group.selector == spki && record.group.mtype > 0;
}

// A thread keeps its answers: one call asks the same again and again, and OpenSSL checks the signatures each time.
constexpr std::size_t most_answers_kept = 10000;

bool verifies_for(const Chain& chain, const RRset& records, const std::string& host, const Dates& dates,
                  Anchor anchor) {
  thread_local std::unordered_map<std::string, bool> answers;
  std::string question = host;
  if (dates) question += fmt::format(" {}", dates->time_since_epoch().count());
  for (const Certificate& certificate : chain.certificates) question += ' ' + certificate.fingerprint;
  for (const Association& record : records) question += ' ' + record.text();
  if (anchor == Anchor::sent) question += " sent";
  if (const auto known = answers.find(question); known != answers.end()) return known->second;
  if (answers.size() >= most_answers_kept) answers.clear();
  const std::vector<std::string> names = host.empty() ? std::vector<std::string>{} : std::vector{host};
  return answers[std::move(question)] = dane_verify(chain, records, names, dates, std::nullopt, anchor).ok();
}

bool verifies(const Chain& chain, const RRset& records, const std::vector<std::string>& hosts, const Dates& dates,
              Anchor anchor) {
  if (std::all_of(records.begin(), records.end(), of_keys_alone)) return false;
  if (hosts.empty()) return verifies_for(chain, records, {}, dates, anchor);
  return std::all_of(hosts.begin(), hosts.end(),
                     [&](const std::string& host) { return verifies_for(chain, records, host, dates, anchor); });
}

// It matters only where a record has a whole certificate, and else each answer would be asked for twice.
Anchor anchor_of(const Sender& sender, const RRset& used) {
  const bool whole = std::any_of(used.begin(), used.end(), [](const Association& record) {
    return record.group == Group{2, 0, 0};
  });
  return whole && sender.knows == Sender::Knows::no_anchors ? Anchor::sent : Anchor::sent_or_in_dns;
}

struct Matches {
  const ChainView& view;
  const RRset& used;
  const Dates& dates;
  Anchor anchor;

  bool operator()(const KnownChain& known) const {
    return matched_by_key(known.chain->leaf().key, used) || verifies(*known.chain, used, view.hosts, dates, anchor);
  }

  // Of its issuers the present chain tells; of a whole certificate (selector 0) nothing is known.
  bool operator()(const ExpectedChain& expected) const {
    if (matched_by_key(expected.key, used)) return true;
    if (expected.like == nullptr) return false;
    RRset of_issuers = used;
    std::erase_if(of_issuers, [](const Association& record) { return record.group.usage == dane_ee; });
    return !of_issuers.empty() && verifies(*expected.like, of_issuers, view.hosts, std::nullopt, anchor);
  }

  bool operator()(const OnlyMatches& only) const { return contains(used, only.record); }
};

}  // namespace

// A wildcard stands for one label, the first.
bool is_for(const Certificate& certificate, const std::string& host) {
  const auto dot = host.find('.');
  const std::string wildcard = dot == std::string::npos ? std::string() : "*" + host.substr(dot);
  const std::vector<std::string>& names = certificate.names;
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& name) { return name == host || name == wildcard; });
}

std::optional<std::string> unnamed_host(const ChainView& view, const RRset& rrset, const Sender& sender) {
  const auto* const known = std::get_if<KnownChain>(&view.chain);
  const RRset used = used_by(sender, rrset);
  const bool by_issuer =
      std::any_of(used.begin(), used.end(), [](const Association& record) { return record.group.usage == 2; });
  if (known == nullptr || !by_issuer) return std::nullopt;
  for (const std::string& host : view.hosts) {
    if (!is_for(known->chain->leaf(), host)) return host;
  }
  return std::nullopt;
}

std::shared_ptr<const Chain> shared(Chain chain) {
  return std::make_shared<const Chain>(std::move(chain));
}

bool passes(const ChainView& view, const RRset& rrset, const Sender& sender, const Dates& dates) {
  const RRset used = used_by(sender, rrset);
  return used.empty() || std::visit(Matches{view, used, dates, anchor_of(sender, used)}, view.chain);
}

}  // namespace danectl
