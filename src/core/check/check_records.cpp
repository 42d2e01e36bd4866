#include "core/check/check_records.hpp"

#include "core/check/check_keys.hpp"
#include "core/check/check_record_form.hpp"
#include "core/check/check_record_match.hpp"
#include "core/keys/dane_verify.hpp"
#include "core/keys/usable.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

namespace danectl {
namespace {

// It has the owner, or the one in whose place senders use the records of this.
bool is_judged(const RecordsCheck& check, const LineageFacts& lineage) {
  return is_on(lineage.lineage, check.look.owner) || (check.in_place_of && is_on(lineage.lineage, *check.in_place_of));
}

// Of a lineage, whichever its owners: it is said without one, so that it is said once.
std::vector<Finding> without_next_key(const LineageFacts& lineage) {
  if (!lineage.lineage.stages_keys() || !lineage.facts.deployed || lineage.facts.next) return {};
  return {{FindingId::no_next_record,
           Severity::warning,
           lineage.lineage.name,
           {},
           {},
           {},
           "there is no next key, so nothing to roll to when the present one is lost or stolen",
           fmt::format("danectl stage {}", lineage.lineage.name)}};
}

// Whether no record is of a key that waits: each is of a key that is presented (of an RSA and an ECDSA key, it may be),
// or, where nothing was, there is only one.
bool all_in_use(const RRset& records, const std::vector<Chain>& presented) {
  if (presented.empty()) return records.size() == 1;
  return std::all_of(records.begin(), records.end(), [&](const Association& record) {
    return std::any_of(presented.begin(), presented.end(), [&](const Chain& chain) { return shows(chain, record); });
  });
}

// At a host of others. Under usage 2 any key of the issuer will do.
std::vector<Finding> lone_record(const RecordsCheck& check) {
  RRset seen;
  for (const RRset& rrset : distinct_rrsets(check.look)) {
    std::copy_if(rrset.begin(), rrset.end(), std::back_inserter(seen), usable);
  }
  std::sort(seen.begin(), seen.end());
  seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
  const bool of_keys =
      std::all_of(seen.begin(), seen.end(), [](const Association& record) { return record.group.usage == 3; });
  if (seen.empty() || !of_keys || !(seen.size() == 1 || all_in_use(seen, check.presented))) return {};
  std::vector<std::string> texts;
  for (const Association& record : seen) texts.push_back(record.text());
  return {{FindingId::no_next_record,
           Severity::warning,
           {},
           check.look.owner.text(),
           {},
           {},
           fmt::format("there is no record of a key that comes next, only {}: nothing to roll to when a key is lost or "
                       "stolen",
                       fmt::join(texts, ", ")),
           "publish the record of the key that comes next, too (RFC 7671 section 8.1)"}};
}

// What some large senders read of one RRset; they fail, or pass over the rest, by no order that is known.
constexpr std::size_t most_records = 12;

std::vector<Finding> too_many(const RecordsCheck& check) {
  std::size_t most = 0;
  for (const RRset& rrset : distinct_rrsets(check.look)) most = std::max(most, rrset.size());
  if (most <= most_records) return {};
  return {{FindingId::too_many_records,
           Severity::warning,
           {},
           check.look.owner.text(),
           {},
           {},
           fmt::format("there are {} TLSA records: some large senders read no more than {}", most, most_records),
           "delete records that nobody needs, of former keys and issuers"}};
}

const OwnerLook* one_that_has(const Association& association, const std::vector<OwnerLook>& looks) {
  const auto found = std::find_if(looks.begin(), looks.end(), [&](const OwnerLook& look) {
    return sighting(look, association).presence == Presence::everywhere;
  });
  return found == looks.end() ? nullptr : &*found;
}

void append(std::vector<Finding>& findings, std::vector<Finding> more) {
  std::move(more.begin(), more.end(), std::back_inserter(findings));
}

}  // namespace

bool is_on(const LineageConfig& lineage, const DnsName& owner) {
  return std::find(lineage.tlsa.begin(), lineage.tlsa.end(), owner) != lineage.tlsa.end();
}

std::vector<Finding> check_records(const RecordsCheck& check) {
  std::vector<Finding> findings;
  for (const LineageFacts& lineage : check.lineages) {
    if (is_judged(check, lineage)) append(findings, without_next_key(lineage));
  }
  const auto& answers = check.look.answers;
  const bool known = std::any_of(answers.begin(), answers.end(), is_validated);
  if (check.look.dnssec != Dnssec::secure || !known) return findings;
  for (const LineageFacts& lineage : check.lineages) {
    if (is_judged(check, lineage)) append(findings, check_keys(check, lineage));
  }
  if (check.lineages.empty()) append(findings, lone_record(check));
  append(findings, check_record_match(check));
  append(findings, too_many(check));
  append(findings, check_record_form(check));
  return findings;
}

std::vector<Finding> check_owners_agree(const LineageFacts& lineage, const std::vector<OwnerLook>& looks) {
  std::map<std::string, std::vector<std::string>> lacked;  // by owner
  for (const Association& association : wanted_associations(lineage.facts, lineage.lineage)) {
    const OwnerLook* having = one_that_has(association, looks);
    if (having == nullptr) continue;
    for (const OwnerLook& look : looks) {
      if (sighting(look, association).presence != Presence::lacking) continue;
      lacked[look.owner.text()].push_back(fmt::format("{}, which {} has", association.text(), having->owner.text()));
    }
  }
  std::vector<Finding> findings;
  findings.reserve(lacked.size());
  for (const auto& [owner, texts] : lacked) {
    findings.push_back({FindingId::owners_disagree,
                        Severity::warning,
                        lineage.lineage.name,
                        owner,
                        {},
                        {},
                        fmt::format("{} does not have everywhere {}", owner, fmt::join(texts, "; ")),
                        how_to_publish(lineage.lineage.name)});
  }
  return findings;
}

std::vector<Finding> check_shared_keys(const std::vector<LineageFacts>& lineages, const CheckConfig& config) {
  if (config.shared_keys) return {};
  std::map<std::string, std::vector<std::string>> names;  // by key
  for (const LineageFacts& lineage : lineages) {
    if (lineage.facts.deployed) names[lineage.facts.deployed->chain.leaf().key.sha256].push_back(lineage.lineage.name);
  }
  std::vector<Finding> findings;
  for (const auto& [key, sharing] : names) {
    if (sharing.size() < 2) continue;
    findings.push_back(
        {FindingId::shared_key,
         Severity::warning,
         sharing.front(),
         {},
         {},
         {},
         fmt::format("{} serve the same key, {}: who steals it from one has all", fmt::join(sharing, ", "), key),
         fmt::format("danectl stage {0}, and promote it when it is ready; or allow it: [check] "
                     "shared_keys = true",
                     sharing.back())});
  }
  return findings;
}

}  // namespace danectl
