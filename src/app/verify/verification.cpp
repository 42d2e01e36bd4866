#include "app/verify/verification.hpp"

#include "core/keys/usable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace danectl {
namespace {

std::string at(const SeenRRset& seen, const std::string& what) {
  return seen.where.empty() ? what : fmt::format("at {}: {}", seen.where, what);
}

void add(std::vector<SeenRRset>& rrsets, const SeenRRset& seen) {
  const auto same = std::find_if(rrsets.begin(), rrsets.end(), [&](const SeenRRset& other) {
    return other.records == seen.records && other.instead == seen.instead;
  });
  if (same == rrsets.end()) {
    rrsets.push_back(seen);
  } else {
    same->where += ", " + seen.where;
  }
}

}  // namespace

std::string server_text(const ServerAnswer& answer) {
  return answer.address.empty() ? answer.server.text() : fmt::format("{} ({})", answer.server.text(), answer.address);
}

std::vector<SeenRRset> rrsets_of(const OwnerLook& look) {
  std::vector<SeenRRset> rrsets;
  for (const ServerAnswer& answer : look.answers) {
    if (!is_validated(answer)) continue;
    if (answer.qname == look.canonical() && !answer.cname) {
      add(rrsets, {server_text(answer), answer.records, ""});
    } else if (auto fault = shortfall(look, answer, {})) {
      add(rrsets, {server_text(answer), {}, *std::move(fault)});
    }  // else an alias as it should be, before the end of the chain
  }
  const bool known = std::any_of(rrsets.begin(), rrsets.end(), [&](const SeenRRset& seen) {
    return seen.instead.empty() && seen.records == look.resolver_records;
  });
  if (!known) add(rrsets, {"the resolver", look.resolver_records, ""});
  if (rrsets.size() == 1) rrsets.front().where.clear();
  return rrsets;
}

Result<VerifyReport> Verification::of(const std::vector<SeenRRset>& rrsets) const {
  VerifyReport report;
  for (const SeenRRset& seen : rrsets) {
    const auto match = whole(seen);
    if (match && !report.match) report.match = *match;
    if (match || !report.why.empty()) continue;
    if (match.error().kind == ErrorKind::invalid) {
      return invalid(match.error().what, "give the name of the server with --name");
    }
    report.why = at(seen, match.error().what);
    report.hint = match.error().hint;
  }
  if (!report.why.empty()) report.match.reset();
  add_groups(report, rrsets);
  for (const SeenRRset& seen : rrsets) add_unusable(report, seen.records);
  if (!report.match) add_fitting(report);
  return report;
}

Result<DaneMatch> Verification::whole(const SeenRRset& seen) const {
  if (!seen.instead.empty()) return failed(seen.instead);
  return dane_verify(chain_, seen.records, names_, now_, pkix_);
}

void Verification::add_groups(VerifyReport& report, const std::vector<SeenRRset>& rrsets) const {
  std::map<Group, std::string> groups;
  for (const SeenRRset& seen : rrsets) {
    for (const auto& [group, match] : dane_verify_groups(chain_, seen.records, names_, now_, pkix_)) {
      std::string& why = groups.try_emplace(group).first->second;
      if (!match && why.empty()) why = at(seen, match.error().what);
    }
  }
  for (auto& [group, why] : groups) report.groups.push_back({group, std::move(why)});
}

void Verification::add_unusable(VerifyReport& report, const RRset& records) const {
  for (const Association& record : records) {
    const auto why = unusable_because(record, pkix_ ? PkixUsages::usable : PkixUsages::unusable);
    const bool listed = std::any_of(report.unusable.begin(), report.unusable.end(),
                                    [&](const VerifyReport::Unusable& known) { return known.record == record; });
    if (why && !listed) report.unusable.push_back({record, *why});
  }
}

// Tried, not only computed: a record of an issuer is of no use to a chain that has expired or is for another host.
void Verification::add_fitting(VerifyReport& report) const {
  const std::vector<std::string>& names = names_.empty() ? chain_.leaf().names : names_;
  for (std::size_t i = 0; i < chain_.certificates.size(); ++i) {
    const Association record{{static_cast<std::uint8_t>(i == 0 ? 3 : 2), 1, 1}, chain_.certificates[i].key.sha256};
    if (dane_verify(chain_, {record}, names, now_)) report.fitting.push_back({record, static_cast<int>(i)});
  }
}

}  // namespace danectl
