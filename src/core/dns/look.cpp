#include "core/dns/look.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace danectl {
namespace {

const DnsName* next_in_chain(const OwnerLook& look, const DnsName& name) {
  const auto at = std::find(look.chain.begin(), look.chain.end(), name);
  if (at == look.chain.end() || at + 1 == look.chain.end()) return nullptr;
  return &*(at + 1);
}

}  // namespace

std::string server_text(const DnsName& server, const std::string& address) {
  return address.empty() ? server.text() : fmt::format("{} ({})", server.text(), address);
}

std::string_view to_text(Dnssec dnssec) {
  switch (dnssec) {
    case Dnssec::secure:
      return "secure";
    case Dnssec::insecure:
      return "insecure";
    case Dnssec::bogus:
      return "bogus";
    case Dnssec::unknown:
      break;
  }
  return "unknown";
}

std::optional<std::string> shortfall(const OwnerLook& look, const ServerAnswer& answer,
                                     const Association& association) {
  const DnsName* target = next_in_chain(look, answer.qname);
  if (target != nullptr) {
    if (answer.cname == *target) return std::nullopt;
    return fmt::format("{} {} {} instead of being an alias of {}", answer.qname.text(),
                       answer.cname ? "is an alias of" : "is not an alias",
                       answer.cname ? answer.cname->text() : "there", target->text());
  }
  if (answer.cname) {
    return fmt::format("{} is an alias of {} there", answer.qname.text(), answer.cname->text());
  }
  if (std::binary_search(answer.records.begin(), answer.records.end(), association)) return std::nullopt;
  if (answer.records.empty()) return fmt::format("has no TLSA record at {}", answer.qname.text());
  return fmt::format("does not have {}", association.text());
}

Sighting sighting(const OwnerLook& look, const Association& association) {
  bool lacking = false;
  bool unknown = look.dnssec != Dnssec::secure;
  std::set<DnsName> confirmed;  // names of the chain that some server answered for as it should
  Sighting result;
  if (unknown) result.reasons.push_back(look.why);
  for (const ServerAnswer& answer : look.answers) {
    if (answer.kind == ServerAnswer::Kind::left_out) continue;
    if (answer.kind == ServerAnswer::Kind::unknown) {
      unknown = true;
      result.reasons.push_back(fmt::format("{}: {}", server_text(answer.server, answer.address), answer.why));
    } else if (auto missing = shortfall(look, answer, association)) {
      lacking = true;
      result.reasons.push_back(fmt::format("{}: {}", server_text(answer.server, answer.address), *missing));
    } else {
      confirmed.insert(answer.qname);
    }
  }
  if (lacking) {
    result.presence = Presence::lacking;
  } else if (!unknown && !look.chain.empty() && confirmed.size() == look.chain.size()) {
    result.presence = Presence::everywhere;
  } else if (result.reasons.empty()) {
    result.reasons.push_back("no authoritative server could be asked");
  }
  return result;
}

std::optional<Seconds> published_ttl(const OwnerLook& look) {
  std::optional<Seconds> ttl;
  for (const ServerAnswer& answer : look.answers) {
    if (!is_validated(answer) || answer.cname || answer.records.empty()) continue;
    if (answer.qname == look.canonical()) ttl = std::max(ttl.value_or(Seconds{0}), answer.ttl);
  }
  return ttl;
}

std::vector<RRset> distinct_rrsets(const OwnerLook& look) {
  std::vector<RRset> sets;
  for (const ServerAnswer& answer : look.answers) {
    if (!is_validated(answer) || answer.qname != look.canonical() || answer.cname) continue;
    sets.push_back(answer.records);
  }
  std::sort(sets.begin(), sets.end());
  sets.erase(std::unique(sets.begin(), sets.end()), sets.end());
  return sets;
}

const OwnerLook* look_of(const std::vector<OwnerLook>& looks, const DnsName& owner) {
  const auto sorted = std::ranges::lower_bound(looks, owner, {}, &OwnerLook::owner);
  if (sorted != looks.end() && sorted->owner == owner) return &*sorted;
  const auto found = std::ranges::find(looks, owner, &OwnerLook::owner);
  return found == looks.end() ? nullptr : &*found;
}

bool contains(const RRset& rrset, const Association& association) {
  return std::find(rrset.begin(), rrset.end(), association) != rrset.end();
}

std::optional<std::string> why_dns_is_silent(const std::vector<OwnerLook>& looks) {
  const bool silent = std::all_of(looks.begin(), looks.end(), [](const OwnerLook& look) {
    return look.dnssec == Dnssec::unknown && look.unanswered == OwnerLook::Unanswered::resolver;
  });
  return silent && !looks.empty() ? std::optional<std::string>(looks.front().why) : std::nullopt;
}

}  // namespace danectl
