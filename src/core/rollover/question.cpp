#include "core/rollover/question.hpp"

#include <algorithm>
#include <set>

namespace danectl {
namespace {

const OwnerLook* look_at_chain_with(const std::vector<OwnerLook>& looks, const DnsName& name) {
  for (const OwnerLook& look : looks) {
    if (std::find(look.chain.begin(), look.chain.end(), name) != look.chain.end()) return &look;
  }
  return nullptr;
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
    if (answer.kind == ServerAnswer::Kind::validated) continue;
    objections.push_back(silent(owner, server_text(answer.server, answer.address), answer.why, answer.dnssec));
  }
  if (!any) objections.push_back(silent(owner, {}, "no authoritative server of " + name.text() + " could be asked"));
}

std::string host_of(const DnsName& owner) {
  const auto parts = parse_owner(owner);
  return parts ? parts->host.text() : std::string();
}

ChainView at_owner(ChainView chain, const DnsName& owner, const std::vector<Group>& profile) {
  chain.hosts = {host_of(owner)};
  chain.senders = senders_of(profile);
  return chain;
}

// The sender that knows every digest must find a record that matches. Every other sender passes if it can use no
// record.
bool fails(const ChainView& chain, const HeldVersion& held, const Sender& sender, const Dates& dates) {
  if (held.version.kind == Version::Kind::unheard) return true;
  const RRset& records = held.version.records;
  if (sender.knows == Sender::Knows::every_digest && !checks(sender, records)) return true;
  return !passes(chain, records, sender, dates);
}

// The first sender that fails stands for all.
void add_failing(Objections& objections, const ChainView& chain, const HeldVersion& held, const DnsName& owner,
                 const Dates& dates) {
  for (const Sender& sender : chain.senders) {
    if (!fails(chain, held, sender, dates)) continue;
    objections.push_back(
        {.kind = Objection::Kind::fails, .owner = owner, .chain = chain.what, .held = held, .sender = sender});
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
    for (const DnsName& name : names_behind(ledgers, owner, now)) {
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

Objections may_deploy(const Seen& seen, const DeployRule& rule, ChainView chain, const Dates& dates) {
  Objections objections;
  for (const DnsName& owner : rule.owners) {
    append(objections, all_answered(seen, owner));
    const ChainView here = at_owner(chain, owner, rule.profile);
    for (const HeldVersion& version : held(seen.ledgers, owner, {rule.min_hold, seen.now, seen.caches})) {
      add_failing(objections, here, version, owner, dates);
    }
  }
  return objections;
}

Objections may_adopt(const Ledgers& ledgers, const DeployRule& rule, const Chain& fresh, const Chain& deployed,
                     const Instant& now) {
  const bool same_key = fresh.leaf().key == deployed.leaf().key;
  const bool by_key = names_keys(rule.profile);
  const bool issuers_match = same_issuers(fresh, deployed) && has_names_of(fresh.leaf(), deployed.leaf()) &&
                             in_its_dates(fresh.leaf(), now.wall);
  if (by_key ? !same_key : !issuers_match) return {{.kind = Objection::Kind::other_key}};
  const bool same = same_key && (issuers_match || !issuers_count(ledgers, rule, now));
  Objections objections;
  for (const DnsName& owner : rule.owners) {
    const ChainView theirs = at_owner({"certbot's chain", KnownChain{shared(fresh)}}, owner, rule.profile);
    const ChainView ours = at_owner({"the deployed chain", KnownChain{shared(deployed)}}, owner, rule.profile);
    if (ledger_of(ledgers, owner).servers.empty() && !same) {
      objections.push_back({.kind = Objection::Kind::not_asked, .owner = owner});
    }
    for (const HeldVersion& version : held(ledgers, owner, {rule.min_hold, now})) {
      for (const Sender& sender : theirs.senders) {
        const RRset& records = version.version.records;
        const bool good =
            version.version.kind == Version::Kind::unheard
                ? same
                : (passes(theirs, records, sender, now.wall) || !passes(ours, records, sender, std::nullopt)) &&
                      matched_alike(theirs, ours, records, now.wall);
        if (good) continue;
        objections.push_back(
            {.kind = Objection::Kind::fails, .owner = owner, .chain = theirs.what, .held = version, .sender = sender});
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
  for (const DnsName& owner : rule.owners) {
    const ChainView here = at_owner(chain, owner, rule.profile);
    for (const DnsName& name : names_behind(seen.ledgers, owner, seen.now)) {
      for (const EndedVersion& ended : ledger_of(seen.ledgers, name).ended) {
        if (ended.version.kind == Version::Kind::alias) continue;
        const HeldVersion version{HeldVersion::By::cache, name, ended.version, {}, ended.until};
        const bool any = std::any_of(here.senders.begin(), here.senders.end(),
                                     [&](const Sender& sender) { return fails(here, version, sender, dates); });
        if (!any) continue;
        const WallTime until = ended.until.wall;
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
    // The later of both clocks' word: `until` is the end of a look, `now` the start of one.
    result.ready_at = std::max(objection.held->until->wall + objection.held->lasts, seen.now.wall + left);
  }
  return result;
}

}  // namespace danectl
