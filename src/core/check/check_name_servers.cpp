#include "core/check/check_name_servers.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace danectl {
namespace {

using Answers = std::vector<const ServerAnswer*>;

std::string text_of(const ServerAnswer& answer) {
  return server_text(answer.server, answer.address);
}

// Enough to compare by eye.
std::string brief(const Association& record) {
  constexpr std::size_t digits = 8;
  if (record.hex.size() <= digits) return record.text();
  return fmt::format("{} {}...", record.group.text(), record.hex.substr(0, digits));
}

// What an answer says, each with the text to show it by.
std::map<std::string, std::string> statements(const ServerAnswer& answer) {
  if (answer.cname) {
    const std::string alias = "the alias of " + answer.cname->text();
    return {{alias, alias}};
  }
  std::map<std::string, std::string> result;
  for (const Association& record : answer.records) result.emplace(record.text(), brief(record));
  return result;
}

// "60 s at ns1 (192.0.2.1); 3600 s at ns2 (192.0.2.2)"
std::string listed(const std::map<std::string, std::vector<std::string>>& servers_by_value) {
  std::vector<std::string> parts;
  parts.reserve(servers_by_value.size());
  for (const auto& [value, servers] : servers_by_value) {
    parts.push_back(fmt::format("{} at {}", value, fmt::join(servers, ", ")));
  }
  return fmt::format("{}", fmt::join(parts, "; "));
}

// Who has what others have not; empty when all say the same.
std::string difference(const Answers& answers) {
  std::map<std::string, std::string> shown;
  std::map<std::string, std::set<std::string>> holders;
  std::set<std::string> all;
  for (const ServerAnswer* answer : answers) {
    all.insert(text_of(*answer));
    for (const auto& [statement, text] : statements(*answer)) {
      shown.emplace(statement, text);
      holders[statement].insert(text_of(*answer));
    }
  }
  std::map<std::set<std::string>, std::vector<std::string>> by_holders;
  for (const auto& [statement, servers] : holders) {
    if (servers.size() < all.size()) by_holders[servers].push_back(shown.at(statement));
  }
  std::vector<std::string> parts;
  for (const auto& [servers, texts] : by_holders) {
    std::vector<std::string> others;
    std::set_difference(all.begin(), all.end(), servers.begin(), servers.end(), std::back_inserter(others));
    parts.push_back(
        fmt::format("{} at {}, not at {}", fmt::join(texts, ", "), fmt::join(servers, ", "), fmt::join(others, ", ")));
  }
  return fmt::format("{}", fmt::join(parts, "; "));
}

class ServerFindings {
 public:
  explicit ServerFindings(const DnsCheck& check) : check_(check), look_(check.look), owner_(check.look.owner.text()) {}

  std::vector<Finding> all() {
    for (const ServerAnswer& answer : look_.answers) {
      if (answer.kind == ServerAnswer::Kind::unknown) unanswering(answer);
    }
    denied_above();
    compare_answers();
    compare_serials();
    return std::move(findings_);
  }

 private:
  // Other servers still serve senders: what is lost is the margin (RFC 2182 section 3.1). Should all of them fail, the
  // look itself is not secure.
  void warn(FindingId id, std::string message, std::string remedy, std::string address = {}) {
    findings_.push_back(
        {id, Severity::warning, {}, owner_, {}, std::move(address), std::move(message), std::move(remedy)});
  }

  [[nodiscard]] bool answers_soa(const ServerAnswer& answer) const {
    const auto& serials = check_.inspection.serials;
    return std::any_of(serials.begin(), serials.end(), [&](const SerialInspection& one) {
      return one.serial && one.zone == answer.zone && one.server == answer.server && one.address == answer.address;
    });
  }

  [[nodiscard]] bool is_truncated(const ServerAnswer& answer) const {
    const auto& cut = check_.inspection.truncated;
    return std::any_of(cut.begin(), cut.end(), [&](const TruncatedAnswer& one) {
      return one.owner == look_.owner && one.qname == answer.qname && one.server == answer.server &&
             one.address == answer.address;
    });
  }

  // Once for each server of a zone, of however many names of the alias chain it is asked.
  void unanswering(const ServerAnswer& answer) {
    if (!told_.emplace(answer.zone, answer.server, answer.address).second) return;
    if (answer.dnssec == Dnssec::bogus || answer.dnssec == Dnssec::insecure) {
      return warn(FindingId::server_invalid,
                  fmt::format("the answer of {} for {} does not validate: {}", text_of(answer), answer.qname.text(),
                              answer.why),
                  fmt::format("has it the present zone {} with its signatures? let it transfer the zone again",
                              answer.zone.text()),
                  answer.address);
    }
    if (answer.address.empty()) {
      return warn(FindingId::server_silent, answer.why,
                  fmt::format("have this host look up and ask every name server of {}; should its resolver be slow, a "
                              "longer `timeout` in [dns] helps",
                              answer.zone.text()));
    }
    if (is_truncated(answer)) {
      return warn(FindingId::answer_without_tcp,
                  fmt::format("{} cuts its answer with the TLSA records by UDP (TC), and gives none by TCP: {}",
                              text_of(answer), answer.why),
                  "let TCP port 53 of that name server through, and have it answer there (RFC 7766)", answer.address);
    }
    if (answers_soa(answer)) {
      return warn(FindingId::server_without_tlsa,
                  fmt::format("{} answers for {}, but not for its TLSA records: {}", text_of(answer),
                              answer.zone.text(), answer.why),
                  "update that name server, or what drops such questions in front of it", answer.address);
    }
    warn(FindingId::server_silent,
         fmt::format("{} gives no answer for {}: {}", text_of(answer), answer.zone.text(), answer.why),
         fmt::format("mend it, or take it out of the {} of {}",
                     answer.by_parent_alone ? "delegation in the parent" : "NS records", answer.zone.text()),
         answer.address);
  }

  void denied_above() {
    for (const DeniedAbove& one : check_.inspection.denied) {
      if (one.owner != look_.owner) continue;
      warn(FindingId::nxdomain_above,
           fmt::format("{} answers NXDOMAIN for {}, below which there are records: some resolvers never find them (RFC "
                       "8020)",
                       server_text(one.server, one.address), one.denied.text()),
           "update that name server: a name below which others are exists", one.address);
    }
  }

  void compare_answers() {
    std::map<DnsName, Answers> by_name;
    for (const ServerAnswer& answer : look_.answers) {
      if (is_validated(answer)) by_name[answer.qname].push_back(&answer);
    }
    for (const auto& [name, answers] : by_name) {
      if (!compare_at(name, answers)) continue;
      for (const ServerAnswer* answer : answers) differing_zones_.insert(answer->zone);
    }
  }

  bool compare_at(const DnsName& name, const Answers& answers) {
    if (const std::string text = difference(answers); !text.empty()) {
      warn(FindingId::servers_disagree, fmt::format("the name servers disagree about {}: {}", name.text(), text),
           "see why the secondaries are behind: NOTIFY, zone transfers, the serial");
      return true;
    }
    // The negative TTL of a name is no TTL of records.
    const bool any = std::any_of(answers.begin(), answers.end(),
                                 [](const ServerAnswer* answer) { return answer->cname || !answer->records.empty(); });
    std::map<std::string, std::vector<std::string>> by_ttl;
    for (const ServerAnswer* answer : answers) {
      by_ttl[fmt::format("{} s", answer->ttl.count())].push_back(text_of(*answer));
    }
    if (!any || by_ttl.size() < 2) return false;
    warn(FindingId::ttls_differ, fmt::format("the TTLs at {} differ: {}", name.text(), listed(by_ttl)),
         "all that publish there must use one TTL (RFC 2181 section 5.2); or see why the secondaries are behind");
    return true;
  }

  // Where the answers differ that is the finding, and the serials are its cause.
  void compare_serials() {
    std::set<DnsName> zones;
    for (const ServerAnswer& answer : look_.answers) zones.insert(answer.zone);
    for (const DnsName& zone : zones) {
      if (differing_zones_.contains(zone)) continue;
      std::map<std::string, std::vector<std::string>> by_serial;
      for (const SerialInspection& one : check_.inspection.serials) {
        if (one.zone != zone || !one.serial) continue;
        by_serial[std::to_string(*one.serial)].push_back(server_text(one.server, one.address));
      }
      if (by_serial.size() < 2) continue;
      warn(FindingId::serials_differ,
           fmt::format("the name servers of {} have different serials: {}", zone.text(), listed(by_serial)),
           "wait for the zone transfer; if it stays so, see why the secondaries are behind");
    }
  }

  const DnsCheck& check_;
  const OwnerLook& look_;
  const std::string owner_;
  std::set<std::tuple<DnsName, DnsName, std::string>> told_;  // zone, server, address
  std::set<DnsName> differing_zones_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> check_name_servers(const DnsCheck& check) {
  return ServerFindings(check).all();
}

}  // namespace danectl
