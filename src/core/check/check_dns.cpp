#include "core/check/check_dns.hpp"

#include "core/check/check_delegation.hpp"
#include "core/check/check_host.hpp"
#include "core/check/check_name_servers.hpp"
#include "core/check/not_secure.hpp"
#include "core/check/check_record_form.hpp"
#include "core/keys/usable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace danectl {
namespace {

// Signers renew signatures days before they end: where one is as near as this, they have stopped. Nor may it end while
// a hold-down runs, or all was in vain.
Seconds least_signature_left(Seconds hold_down) {
  return std::max(Seconds{3 * 86400}, hold_down);
}

// What a datagram may hold without fragments (RFC 7671 section 10.1; 1232 by RFC 9715 appendix B).
constexpr std::size_t largest_answer = 1232;
// Octets that a server may add to what ServerAnswer::octets counts: options of EDNS and the like.
constexpr std::size_t most_beside = 100;

// A name server that is away for a minute would be felt by all senders (RFC 7671 section 13).
constexpr Seconds shortest_ttl{60};
// A mistake stays in caches for as long, and a next key waits twice as long (RFC 7671 section 8.1).
constexpr Seconds longest_ttl{86400};

// As many as some resolvers follow; libunbound takes 11.
constexpr std::size_t most_aliases = 8;

// The root's signatures are never out of date: where they seem to be, it is by this host's clock (or by a resolver that
// has kept them for weeks). libunbound's sentences (1.17, tried with another date) are those of its validator:
// "signature expired from 192.0.2.1 for trust anchor . while building chain of trust". Of any other zone an ended
// signature is just that.
bool is_about_the_clock(const std::string& why) {
  const auto says = [&](std::string_view words) { return (why + " ").find(words) != std::string::npos; };
  const bool of_the_root = says(" for trust anchor . ") || says("<. DNSKEY IN>");
  return of_the_root && (says("signature expired") || says("signature before inception date"));
}

class DnsFindings {
 public:
  explicit DnsFindings(const DnsCheck& check) : check_(check), look_(check.look), owner_(check.look.owner.text()) {}

  std::vector<Finding> all() {
    answer();
    if (!is_resolver_trouble()) append(check_host(check_));
    if (look_.dnssec != Dnssec::secure) return std::move(findings_);
    records();
    aliases();
    signature();
    size();
    ttl();
    append(check_name_servers(check_));
    append(check_delegation(look_));
    return std::move(findings_);
  }

 private:
  void append(std::vector<Finding> more) { std::move(more.begin(), more.end(), std::back_inserter(findings_)); }
  void add(FindingId id, Severity severity, std::string message, std::string remedy, std::string address = {}) {
    findings_.push_back({id, severity, {}, owner_, {}, std::move(address), std::move(message), std::move(remedy)});
  }
  void warn(FindingId id, std::string message, std::string remedy) {
    add(id, Severity::warning, std::move(message), std::move(remedy));
  }

  void answer() {
    if (look_.dnssec == Dnssec::secure) return;
    if (look_.dnssec == Dnssec::insecure) {
      const DnsName& at = look_.insecure_at.value_or(look_.owner);
      return add(FindingId::not_signed, without_dane, fmt::format("DANE is not used: {}", look_.why),
                 fmt::format("sign the zone of {}, and publish its DS record in the parent", at.text()));
    }
    if (is_about_the_clock(look_.why)) {
      return add(FindingId::clock_off, no_valid_answer,
                 fmt::format("the signatures of the root are not of this time: {}", look_.why),
                 "is the clock of this host right? timedatectl; until it is nothing can be validated here");
    }
    if (look_.dnssec == Dnssec::bogus) {
      return add(FindingId::bogus, no_valid_answer,
                 fmt::format("the answer does not validate, so senders that check DANE hold the mail: {}", look_.why),
                 "mend the zone's signatures, or its DS record in the parent (RFC 7672 section 2.1)");
    }
    unanswered();
  }

  // Then the host's addresses are as unknown, for the same cause.
  [[nodiscard]] bool is_resolver_trouble() const {
    return look_.dnssec == Dnssec::unknown && look_.unanswered != OwnerLook::Unanswered::by_error &&
           look_.unanswered != OwnerLook::Unanswered::by_silence;
  }

  void unanswered() {
    switch (look_.unanswered) {
      case OwnerLook::Unanswered::by_error:
        return add(FindingId::lookup_failed, no_valid_answer,
                   fmt::format("the look-up fails, so senders that check DANE hold the mail: {}", look_.why),
                   fmt::format(
                       "ask each server of the zone, and by TCP too, which a cut answer needs: dig +dnssec @SERVER {0} "
                       "TLSA, and dig +tcp +dnssec @SERVER {0} TLSA (RFC 7672 section 2.1)",
                       owner_));
      case OwnerLook::Unanswered::by_silence:
        return add(FindingId::lookup_timeout, no_valid_answer,
                   fmt::format("nobody answers, so senders that check DANE hold the mail: {}", look_.why),
                   "are the zone's servers up, and do UDP and TCP port 53 come through for TLSA?");
      case OwnerLook::Unanswered::resolver:
      case OwnerLook::Unanswered::no:
        break;
    }
    // Nothing is known of the zone: it is this host that cannot ask.
    add(FindingId::resolver_unusable, Severity::unknown, look_.why,
        "mend the resolver of this host, or name another: [dns] resolver and trust_anchor in danectl.toml");
  }

  void records() {
    RRset seen = look_.resolver_records;
    for (const RRset& rrset : distinct_rrsets(look_)) seen.insert(seen.end(), rrset.begin(), rrset.end());
    if (seen.empty()) {
      return add(
          FindingId::no_records, without_dane, "there is no TLSA record: DANE is not used",
          "publish a 3 1 1 record of the key that the server presents: danectl records, once it is the deployed one");
    }
    const PkixUsages pkix = is_of_smtp(look_.owner) ? PkixUsages::unusable : PkixUsages::usable;
    const bool any = std::any_of(seen.begin(), seen.end(),
                                 [&](const Association& record) { return !unusable_because(record, pkix); });
    if (any) return;
    add(FindingId::no_usable_records, without_dane,
        fmt::format("no TLSA record is usable ({}): TLS goes without authentication (RFC 7672 section 2.2)",
                    *unusable_because(seen.front(), pkix)),
        "publish a 3 1 1 record of the server's key");
  }

  void aliases() {
    if (look_.chain.size() <= most_aliases + 1) return;
    warn(FindingId::long_alias_chain,
         fmt::format("{} aliases lead to the records: some resolvers give up", look_.chain.size() - 1),
         fmt::format("make {} an alias of {} itself", owner_, look_.canonical().text()));
  }

  void signature() {
    const ServerAnswer* first = nullptr;
    for (const ServerAnswer& answer : look_.answers) {
      if (!is_validated(answer) || !answer.signature_ends) continue;
      if (first == nullptr || *answer.signature_ends < *first->signature_ends) first = &answer;
    }
    if (first == nullptr) return;
    const Milliseconds left = *first->signature_ends - check_.now;
    Milliseconds least = least_signature_left(check_.hold_down);
    // Some sign anew each day, and for no more than two.
    if (first->signature_begins) least = std::min(least, (*first->signature_ends - *first->signature_begins) / 4);
    if (left >= least) return;
    const bool over = left <= Milliseconds{0};
    add(FindingId::signature_ends, over ? no_valid_answer : Severity::warning,
        fmt::format("the signature at {} that {} gives {}", first->qname.text(),
                    server_text(first->server, first->address),
                    over ? fmt::format("ended {}", to_rfc3339(*first->signature_ends))
                         : fmt::format("ends in {}, {}", human_duration(left), to_rfc3339(*first->signature_ends))),
        "does the primary still sign, and does this server get its transfers? once it has ended mail is held",
        first->address);
  }

  void size() {
    const char* remedy =
        "publish fewer records, SHA2-256(1) digests, and sign the zone with ECDSA (RFC 7671 section 10.1)";
    const auto largest = std::max_element(look_.answers.begin(), look_.answers.end(),
                                          [](const auto& a, const auto& b) { return a.octets < b.octets; });
    if (largest != look_.answers.end() && largest->octets > largest_answer) {
      return warn(FindingId::answer_too_large,
                  fmt::format("the answer has at least {} octets: over {} it is cut or comes in fragments",
                              largest->octets, largest_answer),
                  remedy);
    }
    for (const TruncatedAnswer& one : check_.inspection.truncated) {
      if (one.owner != look_.owner) continue;
      const std::size_t octets = octets_of(one.qname);
      const bool fits = octets != 0 && octets + most_beside <= largest_answer;
      if (fits && !gives(one)) continue;  // answer-without-tcp
      const std::string server = server_text(one.server, one.address);
      return add(
          FindingId::answer_too_large, Severity::warning,
          fits
              ? fmt::format("{} cuts its answer for {}, although the {} octets of the answer fit into a datagram: each "
                            "resolver has to ask again by TCP",
                            server, one.qname.text(), octets)
              : fmt::format(
                    "the answer of {} for {} does not fit into {} octets: each resolver has to ask again by TCP",
                    server, one.qname.text(), largest_answer),
          fits ? fmt::format("let that name server send {} octets by UDP (BIND: max-udp-size)", largest_answer)
               : remedy,
          one.address);
    }
  }

  // The largest that a server gave for this name; 0: none gave one.
  [[nodiscard]] std::size_t octets_of(const DnsName& qname) const {
    std::size_t octets = 0;
    for (const ServerAnswer& answer : look_.answers) {
      if (answer.qname == qname) octets = std::max(octets, answer.octets);
    }
    return octets;
  }

  // Whether a server that cuts its answer by UDP gives it by TCP.
  [[nodiscard]] bool gives(const TruncatedAnswer& cut) const {
    return std::any_of(look_.answers.begin(), look_.answers.end(), [&](const ServerAnswer& answer) {
      return is_validated(answer) && answer.qname == cut.qname && answer.server == cut.server &&
             answer.address == cut.address;
    });
  }

  void ttl() {
    std::vector<Seconds> ttls;
    for (const ServerAnswer& answer : look_.answers) {
      if (is_validated(answer) && !answer.records.empty()) ttls.push_back(answer.ttl);
    }
    if (ttls.empty()) return;
    const auto [shortest, longest] = std::minmax_element(ttls.begin(), ttls.end());
    const char* remedy = "half an hour to an hour is usual (RFC 7671 section 13)";
    if (*shortest < shortest_ttl) {
      warn(FindingId::ttl_short,
           fmt::format("the TTL is {} s: each delivery asks again, and fails when DNS does", shortest->count()),
           remedy);
    }
    if (*longest > longest_ttl) {
      warn(FindingId::ttl_long,
           fmt::format("the TTL is {}: a mistake stays that long in caches, and a next key waits twice that long",
                       human_duration(*longest)),
           remedy);
    }
  }

  const DnsCheck& check_;
  const OwnerLook& look_;
  const std::string owner_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> check_dns(const DnsCheck& check) {
  return DnsFindings(check).all();
}

}  // namespace danectl
