#include "core/rollover/question.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace danectl {
namespace {

bool leads_through(const OwnerLook& look, const DnsName& name) {
  return std::find(look.chain.begin(), look.chain.end(), name) != look.chain.end();
}

const OwnerLook* look_at_chain_with(const std::vector<OwnerLook>& looks, const DnsName& name) {
  if (const OwnerLook* const own = look_of(looks, name); own != nullptr && leads_through(*own, name)) return own;
  const auto found =
      std::find_if(looks.begin(), looks.end(), [&](const OwnerLook& look) { return leads_through(look, name); });
  return found == looks.end() ? nullptr : &*found;
}

Objection silent(const DnsName& owner, std::string server, std::string why, Dnssec dnssec = Dnssec::unknown) {
  return {.kind = Objection::Kind::silent,
          .owner = owner,
          .server = std::move(server),
          .why = std::move(why),
          .dnssec = dnssec};
}

void add_silent_servers(Objections& objections, const OwnerLook& look, const DnsName& name, const DnsName& owner) {
  bool any = false;
  for (const ServerAnswer& answer : look.answers) {
    if (answer.qname != name || answer.kind == ServerAnswer::Kind::left_out) continue;
    any = true;
    if (is_validated(answer)) continue;
    objections.push_back(silent(owner, server_text(answer.server, answer.address), answer.why, answer.dnssec));
  }
  if (!any) objections.push_back(silent(owner, {}, "no authoritative server of " + name.text() + " could be asked"));
}

std::string host_of(const DnsName& owner) {
  const auto parts = parse_owner(owner);
  return parts ? parts->host.text() : std::string();
}

// An owner whose records a chain of the lineage has to pass: one of the lineage's own, or an expanded owner, which
// senders ask first.
struct AskedAt {
  DnsName owner;
  std::optional<DnsName> alias;  // as in Objection
  ChainView chain;               // as senders see it there
};

std::vector<AskedAt> asked_at(const Ledgers& ledgers, const DeployRule& rule, const ChainView& chain,
                              const HoldRule& hold) {
  std::vector<AskedAt> all;
  const auto add = [&](const DnsName& owner, std::optional<DnsName> alias) {
    all.push_back({owner, std::move(alias), chain});
    all.back().chain.hosts = {host_of(owner)};
    all.back().chain.senders = senders_of(rule.profile);
  };
  for (const DnsName& owner : rule.owners) add(owner, std::nullopt);
  for (const DnsName& owner : rule.owners) {
    for (const DnsName& expanded : expanded_owners(ledgers, owner, hold)) {
      const auto same = [&](const AskedAt& one) { return one.owner == expanded; };
      if (std::none_of(all.begin(), all.end(), same)) add(expanded, parse_owner(owner)->host);
    }
  }
  return all;
}

// The sender that knows every digest must find a record that matches; below an alias it goes on to the owner where
// there is none. Every other sender passes if it can use no record.
bool fails(const AskedAt& at, const HeldVersion& held, const Sender& sender, const Dates& dates) {
  if (held.version.kind == Version::Kind::unheard) return true;
  const RRset& records = held.version.records;
  if (!at.alias && sender.knows == Sender::Knows::every_digest && !checks(sender, records)) return true;
  return !passes(at.chain, records, sender, dates);
}

Objection failing(const AskedAt& at, const HeldVersion& held, const Sender& sender) {
  return {.kind = Objection::Kind::fails,
          .owner = at.owner,
          .alias = at.alias,
          .chain = at.chain.what,
          .held = held,
          .sender = sender};
}

// The first sender that fails stands for all.
void add_failing(Objections& objections, const AskedAt& at, const HeldVersion& held, const Dates& dates) {
  for (const Sender& sender : at.chain.senders) {
    if (!fails(at, held, sender, dates)) continue;
    objections.push_back(failing(at, held, sender));
    return;
  }
}

void append(Objections& all, Objections more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

bool same_issuers(const Chain& one, const Chain& other) {
  return std::equal(one.certificates.begin() + 1, one.certificates.end(), other.certificates.begin() + 1,
                    other.certificates.end(),
                    [](const Certificate& a, const Certificate& b) { return a.key == b.key; });
}

bool names_issuer(const RRset& rrset) {
  return std::any_of(rrset.begin(), rrset.end(), [](const Association& record) { return record.group.usage == 2; });
}

// A server was never heard. Whether its records may have named an issuer.
bool issuers_count(const Ledgers& ledgers, const DeployRule& rule, const Instant& now) {
  if (std::any_of(rule.profile.begin(), rule.profile.end(), [](const Group& line) { return line.usage == 2; })) {
    return true;
  }
  for (const DnsName& owner : rule.owners) {
    for (const DnsName& name : names_that_count(ledgers, owner, now)) {
      const Ledger& ledger = ledger_of(ledgers, name);
      const bool named = std::any_of(ledger.servers.begin(), ledger.servers.end(),
                                     [](const ServerMemory& one) { return names_issuer(one.last.records); }) ||
                         std::any_of(ledger.ended.begin(), ledger.ended.end(),
                                     [](const EndedVersion& one) { return names_issuer(one.version.records); });
      const bool asked = std::any_of(ledger.asked.begin(), ledger.asked.end(),
                                     [](const AskedFor& one) { return names_issuer(one.records); });
      if (named || asked || ledger.came_back) return true;
    }
  }
  return false;
}

bool names_keys(const std::vector<Group>& profile) {
  return std::any_of(profile.begin(), profile.end(), [](const Group& line) { return line.usage == 3; });
}

bool has_names_of(const Certificate& fresh, const Certificate& deployed) {
  return std::includes(fresh.names.begin(), fresh.names.end(), deployed.names.begin(), deployed.names.end());
}

// A server that is not heard may have lost records since. So each record that matches the deployed chain must also
// match the fresh chain.
bool matched_alike(const ChainView& theirs, const ChainView& ours, const RRset& records, const Dates& dates) {
  const auto alike = [&](const Sender& sender, const Association& record) {
    return !checks(sender, {record}) || passes(theirs, {record}, sender, dates) ||
           !passes(ours, {record}, sender, std::nullopt);
  };
  return std::all_of(records.begin(), records.end(), [&](const Association& record) {
    return alike({}, record) && alike({Sender::Knows::no_anchors, {}}, record);
  });
}

bool in_its_dates(const Certificate& certificate, WallTime now) {
  return certificate.not_before <= now && now < certificate.not_after;
}

}  // namespace

Objections all_answered(const Seen& seen, const DnsName& owner) {
  const auto own = look_of(seen.looks, owner);
  if (own == nullptr) return {{.kind = Objection::Kind::not_asked, .owner = owner}};
  Objections objections;
  if (own->dnssec != Dnssec::secure) {
    objections.push_back(silent(owner, {}, own->why, own->dnssec));
    if (own->chain.empty()) return objections;
  }
  for (const DnsName& name : names_behind(seen.ledgers, owner, seen.now)) {
    const OwnerLook* const look = look_at_chain_with(seen.looks, name);
    if (look != nullptr) {
      add_silent_servers(objections, *look, name, owner);
    } else {
      objections.push_back(silent(owner, {}, "an alias leads to " + name.text() + ", of which nothing is known"));
    }
  }
  return objections;
}

Objections may_begin_below(const Seen& seen, const DnsName& owner) {
  const OwnerLook* const look = look_of(seen.looks, owner);
  const auto parts = parse_owner(owner);
  if (look == nullptr || !parts) return {};
  const std::string host = parts->host.text();
  if (!look->host_unknown.empty()) {
    return {silent(owner, {},
                   fmt::format("whether a wildcard gives {} its address is not known: {}", host, look->host_unknown))};
  }
  if (!look->host_is_from_wildcard) return {};
  return {{.kind = Objection::Kind::ends_wildcard,
           .owner = owner,
           .why = host,
           .remedy = fmt::format("give {} an A or AAAA record of its own, then publish again", host)}};
}

namespace {

// Whether all servers answered for a name that senders ask because `alias` is an alias. They ignore an unsigned name.
Objections answered_for(const DnsName& alias, const Seen& seen, const DnsName& name) {
  const OwnerLook* const look = look_of(seen.looks, name);
  if (look != nullptr && look->dnssec == Dnssec::insecure) return {};
  Objections objections = all_answered(seen, name);
  for (Objection& objection : objections) objection.alias = alias;
  return objections;
}

// Whether it is known if the base domain is an alias; and if it is one, whether all servers told where it leads, and
// what stands at the expanded owners.
Objections alias_answered(const Seen& seen, const DeployRule& rule, const DnsName& owner) {
  const OwnerLook* const look = look_of(seen.looks, owner);
  const auto parts = parse_owner(owner);
  if (look == nullptr || !parts) return {};
  const DnsName& host = parts->host;
  if (!look->host_unknown.empty()) {
    return {silent(owner, {}, fmt::format("what {} has in DNS is not known: {}", host.text(), look->host_unknown))};
  }
  if (!look->host_is_alias && names_behind(seen.ledgers, host, seen.now).size() == 1) return {};
  Objections objections = answered_for(host, seen, host);
  for (const DnsName& expanded : expanded_owners(seen.ledgers, owner, {Seconds{0}, seen.now, seen.caches})) {
    const bool own = std::find(rule.owners.begin(), rule.owners.end(), expanded) != rule.owners.end();
    if (!own) append(objections, answered_for(host, seen, expanded));
  }
  return objections;
}

}  // namespace

Objections may_deploy(const Seen& seen, const DeployRule& rule, const ChainView& chain, const Dates& dates) {
  const HoldRule hold{rule.min_hold, seen.now, seen.caches};
  Objections objections;
  for (const DnsName& owner : rule.owners) {
    append(objections, all_answered(seen, owner));
    append(objections, alias_answered(seen, rule, owner));
  }
  for (const AskedAt& at : asked_at(seen.ledgers, rule, chain, hold)) {
    for (const HeldVersion& version : held(seen.ledgers, at.owner, hold)) add_failing(objections, at, version, dates);
  }
  return objections;
}

const Objection* given_where_alias_leads(const Objections& objections) {
  const auto found = std::find_if(objections.begin(), objections.end(), [](const Objection& one) {
    return one.kind == Objection::Kind::fails && one.alias && one.held->by == HeldVersion::By::server &&
           one.held->version.kind == Version::Kind::records;
  });
  return found == objections.end() ? nullptr : &*found;
}

std::optional<Objection> fails_where_alias_leads(const Seen& seen, const DeployRule& rule, const ChainView& chain,
                                                 const Dates& dates) {
  const HoldRule hold{rule.min_hold, seen.now, Caches::left_out_by_a_person};
  Objections objections;
  for (const AskedAt& at : asked_at(seen.ledgers, rule, chain, hold)) {
    if (!at.alias) continue;
    for (const HeldVersion& version : held(seen.ledgers, at.owner, hold)) add_failing(objections, at, version, dates);
  }
  const Objection* const first = given_where_alias_leads(objections);
  return first == nullptr ? std::nullopt : std::optional(*first);
}

Objections may_adopt(const Ledgers& ledgers, const DeployRule& rule, const Chain& fresh, const Chain& deployed,
                     const Instant& now, WallTime today) {
  const bool same_key = fresh.leaf().key == deployed.leaf().key;
  const bool by_key = names_keys(rule.profile);
  const bool issuers_match =
      same_issuers(fresh, deployed) && has_names_of(fresh.leaf(), deployed.leaf()) && in_its_dates(fresh.leaf(), today);
  if (by_key ? !same_key : !issuers_match) return {{.kind = Objection::Kind::other_key}};
  const bool same = same_key && (issuers_match || !issuers_count(ledgers, rule, now));
  const HoldRule hold{rule.min_hold, now};
  Objections objections;
  for (const AskedAt& at : asked_at(ledgers, rule, {"certbot's chain", KnownChain{shared(fresh)}}, hold)) {
    ChainView before = at.chain;
    before.chain = KnownChain{shared(deployed)};
    if (!at.alias && ledger_of(ledgers, at.owner).servers.empty() && !same) {
      objections.push_back({.kind = Objection::Kind::not_asked, .owner = at.owner});
    }
    for (const HeldVersion& version : held(ledgers, at.owner, hold)) {
      for (const Sender& sender : at.chain.senders) {
        const RRset& records = version.version.records;
        const bool good =
            version.version.kind == Version::Kind::unheard
                ? same
                : (passes(at.chain, records, sender, today) || !passes(before, records, sender, std::nullopt)) &&
                      matched_alike(at.chain, before, records, today);
        if (good) continue;
        objections.push_back(failing(at, version, sender));
        break;
      }
    }
  }
  return objections;
}

std::string_view to_text(KeyStage stage) {
  switch (stage) {
    case KeyStage::staged:
      return "staged";
    case KeyStage::visible:
      return "visible";
    case KeyStage::ready:
      break;
  }
  return "ready";
}

namespace {

Objections missing_somewhere(const Seen& seen, const DnsName& owner, const RRset& needed) {
  Objections objections;
  for (const HeldVersion& version : held(seen.ledgers, owner, {Seconds{0}, seen.now, Caches::left_out_by_a_person})) {
    if (version.by != HeldVersion::By::server || version.version.kind == Version::Kind::unheard) continue;
    for (const Association& record : needed) {
      if (contains(version.version.records, record)) continue;
      objections.push_back({.kind = Objection::Kind::missing,
                            .owner = owner,
                            .server = version.server,
                            .held = version,
                            .record = record});
    }
  }
  return objections;
}

// Whether time alone makes this objection go.
bool is_of_caches(const Objection& objection) {
  return objection.kind == Objection::Kind::fails &&
         (objection.held->by == HeldVersion::By::cache || objection.held->by == HeldVersion::By::resolver);
}

// Of all versions that the ledger remembers and by which the chain fails.
struct LastFailing {
  std::optional<WallTime> until;   // the last moment at which one may have been given
  std::optional<WallTime> let_go;  // when caches have let go of all
};

LastFailing last_failing(const Seen& seen, const DeployRule& rule, const ChainView& chain, const Dates& dates) {
  LastFailing last;
  for (const AskedAt& at : asked_at(seen.ledgers, rule, chain, {rule.min_hold, seen.now, seen.caches})) {
    for (const DnsName& name : names_behind(seen.ledgers, at.owner, seen.now)) {
      for (const EndedVersion& ended : ledger_of(seen.ledgers, name).ended) {
        if (ended.version.kind == Version::Kind::alias) continue;
        const HeldVersion version{HeldVersion::By::cache, name, ended.version, {}, ended.until};
        const std::vector<Sender>& senders = at.chain.senders;
        const bool any = std::any_of(senders.begin(), senders.end(),
                                     [&](const Sender& sender) { return fails(at, version, sender, dates); });
        if (!any) continue;
        const WallTime until = ended.until.at.wall;
        const WallTime let_go = until + hold_down(ended.version.ttl, rule.min_hold);
        last.until = std::max(last.until.value_or(until), until);
        last.let_go = std::max(last.let_go.value_or(let_go), let_go);
      }
    }
  }
  return last;
}

}  // namespace

bool needs_a_person(const Objections& objections) {
  return !objections.empty() && std::all_of(objections.begin(), objections.end(), [](const Objection& one) {
    const bool chain = one.kind == Objection::Kind::would_fail || one.kind == Objection::Kind::needed;
    return one.kind == Objection::Kind::needs_person || (chain && one.presence == ChainView::Presence::stays);
  });
}

Readiness readiness(const Seen& seen, const DeployRule& rule, const ChainView& chain, const OwnRecords& own,
                    const Dates& dates) {
  Readiness result;
  for (const DnsName& owner : rule.owners) append(result.objections, missing_somewhere(seen, owner, own.needed));
  Objections against = may_deploy(seen, rule, chain, dates);
  if (!std::all_of(against.begin(), against.end(), is_of_caches)) {
    for (const DnsName& owner : rule.owners) append(result.objections, missing_somewhere(seen, owner, own.explaining));
  }
  append(result.objections, std::move(against));
  if (result.objections.empty()) {
    result.stage = KeyStage::ready;
  } else if (std::all_of(result.objections.begin(), result.objections.end(), is_of_caches)) {
    result.stage = KeyStage::visible;
  }
  const bool given_now = std::any_of(result.objections.begin(), result.objections.end(), [](const Objection& one) {
    return one.kind == Objection::Kind::missing || (one.kind == Objection::Kind::fails && !is_of_caches(one));
  });
  if (given_now) return result;
  const LastFailing last = last_failing(seen, rule, chain, dates);
  result.visible_since = last.until;
  // No cache holds such a version now, so the moment when caches let go of the last one is not in the future.
  if (last.let_go) result.ready_at = std::min(*last.let_go, seen.now.wall);
  for (const Objection& objection : result.objections) {
    if (!objection.held || !objection.held->until) continue;
    const Milliseconds left = objection.held->lasts - elapsed(*objection.held->until, seen.now);
    if (left < result.remaining) continue;
    result.remaining = left;
    result.hold_down = objection.held->lasts;
    result.ready_at = over_at(*objection.held->until, objection.held->lasts, seen.now);
  }
  return result;
}

}  // namespace danectl
