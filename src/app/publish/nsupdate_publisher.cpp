#include "app/publish/nsupdate_publisher.hpp"

#include "app/store/children.hpp"
#include "core/records/nsupdate_script.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace danectl {
namespace {

// nsupdate's own limits are below it: three tries of five seconds, for each server.
constexpr Seconds nsupdate_limit{60};

struct Reason {
  std::string_view sign;  // in what nsupdate prints
  ErrorKind kind;
  std::string_view what;
  std::string_view hint;  // {} stands for the section
};

// In this order: without its key nsupdate goes on unsigned and is refused; NOTAUTH(BADKEY) is a wrong key and not a
// wrong server.
constexpr std::array<Reason, 11> reasons{{
    {"could not read key", ErrorKind::refused, "nsupdate cannot read the TSIG key",
     "{} key_file must name a key as tsig-keygen writes it, which this user may read"},
    {"BADKEY", ErrorKind::refused, "the server does not know the TSIG key",
     "{} key_file must hold a key with the name, algorithm and secret that the server has"},
    {"BADSIG", ErrorKind::refused, "the server has another secret under this TSIG key's name",
     "put the server's key into {} key_file"},
    {"BADTIME", ErrorKind::refused, "the clocks of this host and the server differ too much for TSIG",
     "set the clocks right"},
    {"REFUSED", ErrorKind::refused, "the server refuses the update",
     "its allow-update or update-policy must let the key of {0} key_file change TLSA records there; a secondary "
     "refuses all: name the primary in {0} server"},
    {"NOTAUTH", ErrorKind::refused, "the server is not the primary of the zone", "name the primary in {} server"},
    {"NOTZONE", ErrorKind::refused, "the owner is not in the zone that the server has",
     "look at the zone's delegation"},
    {"SERVFAIL", ErrorKind::not_yet, "the server failed to carry the update out", "its log says why"},
    {"timed out", ErrorKind::not_yet, "the server does not answer", "is the primary up, and {} server right?"},
    {"refused", ErrorKind::not_yet, "nothing listens on the server's port", "is the primary up, and {} server right?"},
    {"unreachable", ErrorKind::not_yet, "the server cannot be reached", "is the primary up, and the network?"},
}};

class NsupdatePublisher : public Publisher {
 public:
  NsupdatePublisher(const Workshop& shop, const PublishConfig& section) : shop_(shop), section_(section) {}

  // A compare-and-swap: the whole RRset as seen is the prerequisite. Where servers give different RRsets, the primary
  // has one of them.
  ChangeResult change(const RRsetUpdate& update) override {
    using Kind = ChangeResult::Kind;
    const std::string_view done = update.change.does == DnsChange::Does::add ? "published" : "deleted";
    for (const RRset& seen : update.seen) {
      const auto outcome = send(script(update, seen));
      if (!outcome) return {Kind::unclear, outcome.error()};
      if (outcome->success()) return {};
      const std::string printed = outcome->err + outcome->out;
      // A prerequisite that does not hold (RFC 2136 section 3.2); also when the answer was lost and nsupdate asked
      // again.
      const bool other_rrset = printed.find("XRRSET") != std::string::npos;  // NXRRSET or YXRRSET
      if (other_rrset) continue;
      const Reason* const reason = reason_of(printed);
      // Of several addresses of a server one may have been silent and done it; so may the try before this one, whose
      // answer was lost.
      const bool refused = &seen == &update.seen.front() && reason != nullptr && reason->kind == ErrorKind::refused &&
                           printed.find("timed out") == std::string::npos;
      return {refused ? Kind::refused : Kind::unclear, failure(update.owner, *outcome, done)};
    }
    return {Kind::changed_meanwhile, {}};
  }

  Status rehearse(const DnsName& owner, const std::optional<DnsName>& zone) override {
    const auto outcome = send(rehearsal_script(address(zone, owner)));
    if (!outcome) return outcome.error();
    if (outcome->success()) return {};
    return failure(owner, *outcome, "changeable");
  }

 private:
  static const Reason* reason_of(const std::string& printed) {
    const auto found = std::find_if(reasons.begin(), reasons.end(), [&](const Reason& reason) {
      return printed.find(reason.sign) != std::string::npos;
    });
    return found == reasons.end() ? nullptr : &*found;
  }

  [[nodiscard]] RRsetAddress address(const std::optional<DnsName>& zone, const DnsName& owner) const {
    return {section_.server, zone, owner, section_.form};
  }

  [[nodiscard]] std::string script(const RRsetUpdate& update, const RRset& seen) const {
    const RRsetAddress where = address(update.zone, update.owner);
    const RRset& records = update.change.records;
    return update.change.does == DnsChange::Does::add ? add_script(where, update.ttl, seen, records)
                                                      : remove_script(where, seen, records);
  }

  Result<Outcome> send(const std::string& script) {
    Command command{.argv = {"nsupdate", "-t", "15", "-u", "5", "-r", "2"}, .time_limit = nsupdate_limit};
    const std::string& key = section_.key_file;
    if (!key.empty()) command.argv.insert(command.argv.end(), {"-k", key});
    command.input = script;
    auto outcome = shop_.world.processes.run(command);
    if (!outcome) {
      return Error{outcome.error().kind, outcome.error().what, "nsupdate is in the package bind9-dnsutils"};
    }
    return outcome;
  }

  [[nodiscard]] Error failure(const DnsName& owner, const Outcome& outcome, std::string_view done) const {
    const std::string printed = outcome.err + outcome.out;
    const std::string what = fmt::format("not {} at {}", done, owner.text());
    if (const Reason* const reason = reason_of(printed)) {
      return {reason->kind, fmt::format("{}: {}{}", what, reason->what, last_lines(printed)),
              fmt::format(fmt::runtime(reason->hint), section_.section)};
    }
    const ErrorKind kind = outcome.timed_out ? ErrorKind::not_yet : ErrorKind::failed;
    return {kind, fmt::format("{}: nsupdate: {}{}", what, outcome.text(), last_lines(printed)),
            done == "published"
                ? fmt::format("try the same update by hand: danectl records --owner {} --format nsupdate", owner.text())
                : "the server's log may say more"};
  }

  const Workshop& shop_;
  const PublishConfig& section_;
};

}  // namespace

std::unique_ptr<Publisher> nsupdate_publisher(const Workshop& shop, const PublishConfig& section) {
  return std::make_unique<NsupdatePublisher>(shop, section);
}

}  // namespace danectl
