#include "core/rollover/versions.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace danectl {
namespace {

// Of versions that no cache holds any more. They tell since when a key is visible, and whether issuers were ever named.
constexpr std::size_t most_ended = 50;

const Version unheard{.kind = Version::Kind::unheard};

// As long as somebody waits for it, so that a look without news changes nothing; and once in each boot.
void count_time(Ledger& ledger, const Reading& reading, Seconds min_hold) {
  for (EndedVersion& ended : ledger.ended) {
    const bool waited_for = ended.until.counted < hold_down(ended.version.ttl, min_hold);
    const bool new_boot = ended.until.counted_at.boot_id != reading.now.boot_id;
    if (waited_for || new_boot) ended.until = counted(ended.until, reading);
  }
  for (ServerMemory& server : ledger.servers) {
    if (server.left) server.left = counted(*server.left, reading);
  }
}

void end(Ledger& ledger, const Version& version, const Reading& reading) {
  std::erase_if(ledger.ended, [&](const EndedVersion& known) { return known.version == version; });
  ledger.ended.push_back({version, reading});
}

std::vector<const ServerAnswer*> answers_for(const OwnerLook& look, const DnsName& name) {
  std::vector<const ServerAnswer*> answers;
  for (const ServerAnswer& answer : look.answers) {
    if (answer.qname == name) answers.push_back(&answer);
  }
  return answers;
}

bool is_asked(const ServerAnswer& answer) {
  return answer.kind != ServerAnswer::Kind::left_out;
}

// Still a server of the zone. A name whose addresses could not be found, and a zone of which not all servers could, may
// stand for this one.
bool still_serves(const ServerMemory& memory, const std::vector<const ServerAnswer*>& answers) {
  return std::any_of(answers.begin(), answers.end(), [&](const ServerAnswer* answer) {
    if (!is_asked(*answer)) return false;
    if (answer->address.empty()) return answer->server == memory.server || answer->server == answer->zone;
    return answer->server == memory.server && answer->address == memory.address;
  });
}

// A server of the parent is silent. It may still name this server, so this server stays.
bool may_be_delegated_to(const ServerMemory& memory, const OwnerLook& look) {
  return memory.by_parent_alone && std::any_of(look.zones.begin(), look.zones.end(), [](const ZoneServers& zone) {
           return zone.delegation && !zone.delegation->whole;
         });
}

void note_who_left(Ledger& ledger, const OwnerLook& look, const std::vector<const ServerAnswer*>& answers,
                   const Reading& reading) {
  for (ServerMemory& memory : ledger.servers) {
    if (still_serves(memory, answers)) {
      memory.left.reset();
    } else if (!memory.left && !may_be_delegated_to(memory, look)) {
      memory.left = reading;
    }
  }
  // Caches may have asked it until now.
  std::vector<ServerMemory> staying;
  for (ServerMemory& memory : ledger.servers) {
    if (memory.left && elapsed(*memory.left, reading.now) >= memory.delegation_ttl) {
      end(ledger, memory.last, reading);
    } else {
      staying.push_back(std::move(memory));
    }
  }
  ledger.servers = std::move(staying);
}

Version version_of(const ServerAnswer& answer) {
  if (answer.cname) return {.kind = Version::Kind::alias, .alias = answer.cname, .ttl = answer.ttl};
  return {.records = answer.records, .from_wildcard = answer.from_wildcard, .ttl = answer.ttl};
}

ServerMemory& memory_of(Ledger& ledger, const ServerAnswer& answer) {
  for (ServerMemory& memory : ledger.servers) {
    if (memory.server == answer.server && memory.address == answer.address) return memory;
  }
  // A new address of a name that is known gives what that name gave last; a new name may have given anything.
  Version last = unheard;
  for (const ServerMemory& memory : ledger.servers) {
    if (memory.server == answer.server) last = memory.last;
  }
  ledger.servers.push_back({answer.server, answer.address, std::move(last)});
  return ledger.servers.back();
}

void note_answers(Ledger& ledger, const std::vector<const ServerAnswer*>& answers, const Reading& reading) {
  for (const ServerAnswer* answer : answers) {
    if (!is_asked(*answer) || answer->address.empty()) continue;
    ServerMemory& memory = memory_of(ledger, *answer);
    memory.delegation_ttl = std::max(memory.delegation_ttl, answer->delegation_ttl);
    memory.by_parent_alone = answer->by_parent_alone;
    if (!is_validated(*answer)) continue;  // what it gave last stands
    const Version given = version_of(*answer);
    if (memory.last == given) continue;
    const Version before = std::exchange(memory.last, given);
    end(ledger, before, reading);
  }
}

// A version that some server gives has not ended. One that was unheard counts for as long as the longest TTL that is
// known of the name.
void put_ended_in_order(Ledger& ledger, const Instant& now) {
  Seconds longest{0};
  for (const ServerMemory& memory : ledger.servers) longest = std::max(longest, memory.last.ttl);
  for (const EndedVersion& ended : ledger.ended) longest = std::max(longest, ended.version.ttl);
  std::optional<Since> last_unheard;
  std::erase_if(ledger.ended, [&](const EndedVersion& ended) {
    if (ended.version.kind != Version::Kind::unheard) return false;
    if (!last_unheard || elapsed(ended.until, now) < elapsed(*last_unheard, now)) last_unheard = ended.until;
    return true;
  });
  if (last_unheard) {
    Version version = unheard;
    version.ttl = longest;
    ledger.ended.push_back({version, *last_unheard});
  }
}

bool may_be_in_caches(const EndedVersion& ended, const Instant& now) {
  return elapsed(ended.until, now) < hold_down(ended.version.ttl, Seconds{0});
}

void forget_the_oldest(Ledger& ledger, const Instant& now) {
  std::size_t spare = ledger.ended.size() > most_ended ? ledger.ended.size() - most_ended : 0;
  std::erase_if(ledger.ended, [&](const EndedVersion& ended) {
    if (spare == 0 || may_be_in_caches(ended, now)) return false;
    --spare;
    return true;
  });
}

bool any_unheard(const Ledger& ledger, const Instant& now) {
  return std::any_of(ledger.servers.begin(), ledger.servers.end(),
                     [](const ServerMemory& memory) { return memory.last.kind == Version::Kind::unheard; }) ||
         std::any_of(ledger.ended.begin(), ledger.ended.end(), [&](const EndedVersion& ended) {
           return ended.version.kind == Version::Kind::unheard && may_be_in_caches(ended, now);
         });
}

// If every server gives the RRset that was asked for, the change is done. If no server gives it, nor what was there
// before it, the change was undone, or another host changed the RRset.
void follow_what_was_asked(Ledger& ledger, const Reading& reading) {
  const std::vector<RRset> given = standing_rrsets(ledger);
  const auto any_gives = [&](Version::Kind kind) {
    return std::any_of(ledger.servers.begin(), ledger.servers.end(),
                       [&](const ServerMemory& memory) { return !memory.left && memory.last.kind == kind; });
  };
  if (any_gives(Version::Kind::unheard)) return;
  const bool all_the_same = given.size() == 1 && !any_gives(Version::Kind::alias);
  const auto gives = [&](const RRset& rrset) { return std::find(given.begin(), given.end(), rrset) != given.end(); };
  std::vector<AskedFor> open;
  for (AskedFor& asked : ledger.asked) {
    const bool may_be_done_yet = std::any_of(asked.before.begin(), asked.before.end(), gives);
    if (gives(asked.records)) {
      if (!all_the_same) open.push_back(std::move(asked));
    } else if (may_be_done_yet) {
      open.push_back(std::move(asked));
    } else {
      end(ledger, {.records = asked.records, .ttl = asked.ttl}, reading);
    }
  }
  ledger.asked = std::move(open);
}

}  // namespace

bool same_but_ttl(const Version& one, const Version& other) {
  return one.kind == other.kind && one.records == other.records && one.from_wildcard == other.from_wildcard &&
         one.alias == other.alias;
}

Ledger after_look(Ledger ledger, const OwnerLook& look, const Reading& ended, Seconds min_hold) {
  count_time(ledger, ended, min_hold);
  if (look.dnssec == Dnssec::secure) {
    // What the resolver answers is told at the owner that it was asked for. A name on the way may have been such an
    // owner in an earlier look, and what was told then would stand for ever.
    ledger.resolver.reset();
    if (look.owner == ledger.name) ledger.resolver = Version{.records = look.resolver_records};
  }
  const std::vector<const ServerAnswer*> answers = answers_for(look, ledger.name);
  if (answers.empty()) return ledger;  // whose servers they are is not known: what was given last stands
  note_who_left(ledger, look, answers, ended);
  note_answers(ledger, answers, ended);
  put_ended_in_order(ledger, ended.now);
  follow_what_was_asked(ledger, ended);
  forget_the_oldest(ledger, ended.now);
  ledger.came_back = ledger.came_back && any_unheard(ledger, ended.now);
  return ledger;
}

Ledger with_asked(Ledger ledger, RRset records, Seconds ttl, const std::vector<RRset>& given) {
  std::erase_if(ledger.asked, [&](const AskedFor& known) { return known.records == records; });
  ledger.asked.push_back({std::move(records), ttl, given});
  return ledger;
}

Ledger after_loss_of_signatures(Ledger ledger, const Instant& now) {
  for (const ServerMemory& memory : std::exchange(ledger.servers, {})) end(ledger, memory.last, {now});
  return ledger;
}

Ledger after_backup(Ledger ledger, const Instant& now) {
  for (EndedVersion& ended : ledger.ended) ended.until = now;
  ledger = after_loss_of_signatures(std::move(ledger), now);
  ledger.came_back = true;
  return ledger;
}

RRset standing(const Version& version) {
  return version.from_wildcard ? RRset{} : version.records;
}

std::vector<RRset> standing_rrsets(const Ledger& ledger) {
  std::set<RRset> sets;
  for (const ServerMemory& memory : ledger.servers) {
    if (!memory.left && memory.last.kind == Version::Kind::records) sets.insert(standing(memory.last));
  }
  return {sets.begin(), sets.end()};
}

Seconds hold_down(Seconds ttl, Seconds min_hold) {
  return std::max(2 * ttl, min_hold);
}

}  // namespace danectl
