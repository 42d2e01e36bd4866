#include "core/check/second_opinion.hpp"

#include "core/check/check_dns.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <set>

namespace danectl {
namespace {

constexpr std::array by_dnssec{
    FindingId::bogus,         FindingId::clock_off,       FindingId::lookup_failed,    FindingId::lookup_timeout,
    FindingId::mx_not_secure, FindingId::host_not_secure, FindingId::resolver_unusable};

bool is_about_dnssec(const Finding& finding) {
  return std::find(by_dnssec.begin(), by_dnssec.end(), finding.id) != by_dnssec.end();
}

std::vector<Finding> findings_of(const DnsSight& sight, Severity severity) {
  // Neither hold-down nor time matters to these.
  std::vector<Finding> findings = check_dns({sight.look, sight.inspection, {}, {}});
  std::erase_if(findings, [&](const Finding& one) { return one.severity != severity || !is_about_dnssec(one); });
  return findings;
}

std::set<FindingId> ids_of(const std::vector<Finding>& findings) {
  std::set<FindingId> ids;
  for (const Finding& finding : findings) ids.insert(finding.id);
  return ids;
}

template <class Element, class Same>
void replace(std::vector<Element>& in, const std::vector<Element>& by, Same same) {
  std::erase_if(in, same);
  std::copy_if(by.begin(), by.end(), std::back_inserter(in), same);
}

}  // namespace

bool is_held_by_dnssec(const DnsSight& sight) {
  return !findings_of(sight, Severity::critical).empty();
}

bool overrules(const DnsSight& from_root, const DnsSight& by_resolver) {
  if (!findings_of(from_root, Severity::unknown).empty()) return false;
  const auto left = ids_of(findings_of(from_root, Severity::critical));
  const auto before = ids_of(findings_of(by_resolver, Severity::critical));
  return left.size() < before.size() && std::includes(before.begin(), before.end(), left.begin(), left.end());
}

Finding resolver_differs(const DnsSight& from_root, const DnsSight& by_resolver) {
  const auto left = ids_of(findings_of(from_root, Severity::critical));
  std::string said;
  for (const Finding& finding : findings_of(by_resolver, Severity::critical)) {
    if (!left.contains(finding.id) && said.empty()) said = finding.message;
  }
  return resolver_differs(by_resolver.look.owner.text(), from_root.look.dnssec, said);
}

Finding resolver_differs(const std::string& owner, Dnssec from_root, const std::string& by_resolver) {
  return {FindingId::resolver_differs,
          Severity::warning,
          {},
          owner,
          {},
          {},
          fmt::format("the resolver of this host shows another DNS than senders see. From the root, without it, the "
                      "answer is {}; through it: {}",
                      to_text(from_root), by_resolver),
          "has it a copy of the zone of its own (split horizon)? resolver = \"recursive\" in [dns] of danectl.toml; "
          "until then danectl run changes nothing"};
}

std::vector<Finding> with_one_differing(std::vector<Finding> findings) {
  const auto differs = [](const Finding& finding) { return finding.id == FindingId::resolver_differs; };
  const auto name_of = [](const Finding& finding) { return finding.owner.empty() ? finding.domain : finding.owner; };
  const auto first = std::find_if(findings.begin(), findings.end(), differs);
  if (first == findings.end()) return findings;
  std::set<std::string> others;
  for (auto it = first + 1; it != findings.end(); ++it) {
    if (differs(*it) && name_of(*it) != name_of(*first)) others.insert(name_of(*it));
  }
  findings.erase(std::remove_if(first + 1, findings.end(), differs), findings.end());
  if (!others.empty()) first->message += fmt::format("; the same is true of {}", fmt::join(others, ", "));
  return findings;
}

std::string left_open_by(const DnsSight& from_root, const DnsSight& by_resolver) {
  if (const auto open = findings_of(from_root, Severity::unknown); !open.empty()) {
    return no_look_from_root(open.front().message);
  }
  const auto before = ids_of(findings_of(by_resolver, Severity::critical));
  for (const Finding& finding : findings_of(from_root, Severity::critical)) {
    if (!before.contains(finding.id)) {
      return fmt::format("; from the root, without the resolver of this host: {}", finding.message);
    }
  }
  return {};
}

std::string no_look_from_root(const std::string& why) {
  return fmt::format(
      "; the resolver of this host alone says so: a look from the root, without it, could not be made: {}", why);
}

std::vector<Finding> with_reservation(std::vector<Finding> findings, const std::string& text) {
  for (Finding& finding : findings) {
    if (finding.severity == Severity::critical && is_about_dnssec(finding)) finding.message += text;
  }
  return findings;
}

void put_in_place(Inspection& inspection, const DnsSight& from_root) {
  const OwnerLook& look = from_root.look;
  const Inspection& root = from_root.inspection;
  const auto parts = parse_owner(look.owner);
  if (parts) {
    replace(inspection.hosts, root.hosts, [&](const HostInspection& one) { return one.host == parts->host; });
    replace(inspection.mx, root.mx, [&](const MxInspection& one) { return one.host == parts->host; });
  }
  replace(inspection.denied, root.denied, [&](const DeniedAbove& one) { return one.owner == look.owner; });
  replace(inspection.truncated, root.truncated, [&](const TruncatedAnswer& one) { return one.owner == look.owner; });
  for (const ServerAnswer& answer : look.answers) {
    replace(inspection.serials, root.serials, [&](const SerialInspection& one) {
      return one.zone == answer.zone && one.server == answer.server && one.address == answer.address;
    });
  }
}

}  // namespace danectl
