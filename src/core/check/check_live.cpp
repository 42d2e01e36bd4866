#include "core/check/check_live.hpp"

#include "core/check/check_handshakes.hpp"
#include "core/check/check_keys.hpp"
#include "core/check/check_loaded.hpp"
#include "core/check/check_served_age.hpp"
#include "core/check/presentation.hpp"
#include "core/keys/dane_verify.hpp"
#include "core/keys/usable.hpp"
#include "core/rollover/objection_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>

namespace danectl {
namespace {

constexpr const char* default_key =
    "senders that check DANE send the name (SNI), yet let the default certificate be the same one";

// What a sender may come to see: each server's RRset, and the one in the resolver's cache.
std::vector<RRset> usable_rrsets(const OwnerLook& look) {
  std::vector<RRset> rrsets = distinct_rrsets(look);
  if (std::find(rrsets.begin(), rrsets.end(), look.resolver_records) == rrsets.end()) {
    rrsets.push_back(look.resolver_records);
  }
  // Where nothing is usable a sender does not authenticate at all, and delivers (RFC 7672 section 2.2).
  std::erase_if(rrsets, [](const RRset& rrset) { return std::none_of(rrset.begin(), rrset.end(), usable); });
  return rrsets;
}

// Reference identifiers that the certificate is certainly for; OpenSSL takes no wildcard for one.
std::vector<std::string> own_names(const Certificate& certificate) {
  std::vector<std::string> names = certificate.names;
  for (std::string& name : names) {
    if (name.starts_with("*.")) name.front() = 'a';
  }
  return names;
}

// The name that the records are of, and the next hops that lead there: mail domains, or, where none is known, the host
// by the name that it was given (RFC 7672 section 3.2.2).
std::vector<std::string> reference_names(const LiveCheck& check) {
  const DnsName& host = check.result.url.host;
  const auto parts = parse_owner(check.look.owner);
  const DnsName& base = parts ? parts->host : host;
  std::vector<std::string> names{base.text()};
  if (base != host && check.mail_domains.empty()) names.push_back(host.text());
  names.insert(names.end(), check.mail_domains.begin(), check.mail_domains.end());
  return names;
}

class AddressCheck {
 public:
  AddressCheck(const LiveCheck& check, const ProbedAddress& address, LiveReport& report)
      : check_(check),
        address_(address),
        report_(report),
        rrsets_(usable_rrsets(check.look)),
        names_(reference_names(check)) {
    view_.url = check.result.url;
    view_.lineage = check.lineage;
    view_.address = address.address;
  }

  void run() {
    switch (address_.kind) {
      case ProbedAddress::Kind::left_out:
        view_.verdict = EndpointView::Verdict::left_out;
        view_.why = address_.why;
        break;
      case ProbedAddress::Kind::failed:
        not_found();
        break;
      case ProbedAddress::Kind::probed:
        probed();
        break;
    }
    report_.endpoints.push_back(std::move(view_));
  }

 private:
  void add(FindingId id, Severity severity, std::string message, std::string remedy) {
    report_.findings.push_back({id, severity, check_.lineage, check_.look.owner.text(), check_.result.url.text(),
                                address_.address, std::move(message), std::move(remedy)});
  }

  // A probe without a verified handshake is critical, unless senders are known not to ask for one.
  [[nodiscard]] Severity without_handshake() const {
    const bool known = check_.look.dnssec == Dnssec::secure || check_.look.dnssec == Dnssec::insecure;
    return known && rrsets_.empty() ? Severity::warning : Severity::critical;
  }

  void not_found() {
    view_.why = address_.why;
    // Where this host cannot look anything up, that is no fault of the server.
    const OwnerLook& look = check_.look;
    const bool dns_is_down = look.dnssec == Dnssec::unknown && look.unanswered == OwnerLook::Unanswered::resolver;
    if (address_.address.empty() && !dns_is_down) {
      view_.verdict = EndpointView::Verdict::no_handshake;
      return add(FindingId::host_without_address, Severity::critical, address_.why,
                 fmt::format("publish A or AAAA records of {} that can be looked up, or name the address in the probe: "
                             "{}@ADDRESS",
                             check_.result.url.host.text(), check_.result.url.text()));
    }
    view_.verdict = EndpointView::Verdict::left_out;
    add(FindingId::endpoint_not_asked, Severity::unknown, address_.why,
        dns_is_down ? "mend the resolver of this host, or see [dns] in danectl.toml"
                    : "check it from a host that has a route to it");
  }

  void probed() {
    const auto all = presentations(address_);
    if (all.empty()) {
      no_handshake();
      return;
    }
    view_.verdict = verdict_by_dns();
    for (const Presentation& presentation : all) check_chain_of(presentation);
    add_all(check_handshakes(address_.handshakes, without_handshake()));
    if (view_.protocol == "TLSv1" || view_.protocol == "TLSv1.1") {
      add(FindingId::old_protocol, Severity::warning,
          fmt::format("it has nothing newer than {}, which is deprecated (RFC 8996)", view_.protocol),
          "allow TLS 1.2 and 1.3 in the server");
    }
  }

  [[nodiscard]] EndpointView::Verdict verdict_by_dns() {
    const OwnerLook& look = check_.look;
    if (look.dnssec == Dnssec::unknown || look.dnssec == Dnssec::bogus) {
      view_.why = look.why;
      return EndpointView::Verdict::unknown;
    }
    if (look.dnssec == Dnssec::insecure || rrsets_.empty()) {
      view_.why = look.dnssec == Dnssec::insecure ? look.why : "no usable TLSA record";
      return EndpointView::Verdict::no_dane;
    }
    return EndpointView::Verdict::verified;
  }

  void no_handshake() {
    view_.verdict = EndpointView::Verdict::no_handshake;
    const Handshake* const furthest = furthest_of(address_.handshakes);
    if (furthest == nullptr) return;
    view_.why = furthest->why;
    if (furthest->refused_for_now) view_.verdict = EndpointView::Verdict::unknown;
    add_all(check_no_handshake(*furthest, without_handshake()));
  }

  // Of what is found in many ways; where it is found is known here.
  void add_all(std::vector<Finding> findings) {
    for (Finding& one : findings) add(one.id, one.severity, std::move(one.message), std::move(one.remedy));
  }

  void check_chain_of(const Presentation& presentation) {
    const Certificate& leaf = presentation.chain->leaf();
    if (!view_.not_after || leaf.not_after < *view_.not_after) view_.not_after = leaf.not_after;
    for (const Handshake* handshake : presentation.handshakes) {
      if (view_.protocol.empty() || handshake->protocol < view_.protocol) view_.protocol = handshake->protocol;
    }
    check_dane_of(presentation);
    check_served_key(presentation);
    add_all(check_served_age({*presentation.chain, check_, address_, rrsets_, names_,
                              presentation.with_name() ? Severity::critical : Severity::warning}));
    if (const auto complete = check_complete(*presentation.chain); !complete) {
      add(FindingId::served_chain_incomplete, Severity::warning, complete.error().what,
          "let the server send fullchain.pem, or combined.pem, not cert.pem");
    }
  }

  void check_dane_of(const Presentation& presentation) {
    bool told = false;
    for (const RRset& rrset : rrsets_) {
      const auto whole = dane_verify(*presentation.chain, rrset, names_, check_.now);
      check_groups(presentation, rrset, whole.ok() ? Severity::warning : Severity::critical);
      if (!whole && !told) mismatch(presentation, rrset, whole.error());
      told = told || !whole;
    }
  }

  void check_groups(const Presentation& presentation, const RRset& rrset, Severity severity) {
    for (const auto& [group, match] : dane_verify_groups(*presentation.chain, rrset, names_, check_.now)) {
      const auto [at, added] = view_.groups.try_emplace(group, true);
      at->second = at->second && match.ok();
      if (match || group.usage != 2) continue;
      RRset records;
      std::copy_if(rrset.begin(), rrset.end(), std::back_inserter(records),
                   [&, wanted = group](const Association& record) { return record.group == wanted; });
      // The anchor is sent; then it is name or date that is wrong, and the names are told here.
      if (by_name_alone(presentation, records)) {
        wrong_name(presentation, severity);
      } else if (!is_shown(presentation, records)) {
        missing_anchor(presentation, group, severity);
      }
    }
  }

  [[nodiscard]] static bool is_shown(const Presentation& presentation, const RRset& records) {
    return std::any_of(records.begin(), records.end(),
                       [&](const Association& record) { return usable(record) && shows(*presentation.chain, record); });
  }

  // Names count where a trust anchor vouches (RFC 7671 section 5.2).
  [[nodiscard]] bool by_name_alone(const Presentation& presentation, const RRset& records) const {
    const std::vector<std::string> names = own_names(presentation.chain->leaf());
    return !names.empty() && dane_verify(*presentation.chain, records, names, check_.now).ok();
  }

  void wrong_name(const Presentation& presentation, Severity severity) {
    add(FindingId::name_mismatch, severity,
        fmt::format("the certificate is for {}, not for {}, and usage 2 records want that name",
                    fmt::join(presentation.chain->leaf().names, ", "), fmt::join(names_, " or ")),
        "get a certificate with that name, or use 3 1 1 records, for which names do not count");
  }

  void mismatch(const Presentation& presentation, const RRset& rrset, const Error& error) {
    const Certificate& leaf = presentation.chain->leaf();
    std::string message = fmt::format("{} ({}): it presents the key {}{}", error.what, presentation.offers(),
                                      leaf.key.sha256, of_whom(leaf.key));
    if (!presentation.with_name()) {
      return add(FindingId::tlsa_mismatch_without_sni, Severity::warning, std::move(message), default_key);
    }
    view_.verdict = EndpointView::Verdict::mismatch;
    view_.why = error.what;
    if (by_name_alone(presentation, rrset)) return;  // told as such
    add(FindingId::tlsa_mismatch, Severity::critical, std::move(message), remedy_of_mismatch(presentation, rrset));
  }

  [[nodiscard]] std::string remedy_of_mismatch(const Presentation& presentation, const RRset& rrset) const {
    const KeyId& key = presentation.chain->leaf().key;
    for (const Association& own : {association_of(key, {3, 1, 1}), association_of(key, {3, 1, 2})}) {
      if (!contains(rrset, own)) continue;
      for (const Association& other : rrset) {
        if (!usable(other) || !hides(other.group, own.group)) continue;
        return fmt::format("delete {}: as the stronger digest it hides {} (RFC 7671 section 9)", other.text(),
                           own.text());
      }
    }
    if (is_shown(presentation, rrset)) {
      return "its records are right: renew the certificate, let the server send the whole chain, and reload it";
    }
    for (const LineageFacts& lineage : check_.lineages) {
      const bool deployed = lineage.facts.deployed && lineage.facts.deployed->chain.leaf().key == key;
      if (!deployed) continue;
      const DnsName& used = check_.look.owner;
      // What is published below an alias helps nobody once there are records below the expanded name.
      if (!is_on(lineage.lineage, used) && used != check_.result.url.owner()) {
        return "the deployed key is served, and its record is not where senders look: " +
               how_to_move(used, check_.result.url.owner(), lineage.lineage.name);
      }
      return "the deployed key is served, and its record is missing: " + how_to_publish(lineage.lineage.name);
    }
    if (!check_.lineages.empty()) return how_to_serve_deployed(check_.lineages.front());
    return fmt::format("publish {} IN TLSA 3 1 1 {}, or give the server the key that is published",
                       check_.look.owner.with_dot(), key.sha256);
  }

  // What is not sent cannot be told from what is not there at all; a chain that a root closes has no more to send.
  void missing_anchor(const Presentation& presentation, const Group& group, Severity severity) {
    const Certificate& last = presentation.chain->certificates.back();
    if (last.issuer_key == last.key.sha256) return;
    add(FindingId::ta_not_sent, severity,
        fmt::format("no certificate that it sends matches the {} records, and the chain is not closed by a root: {}",
                    group.text(), last.issuer),
        "let the server send the trust anchor of the record too (RFC 7671 section 5.2.2), or publish the record of the "
        "issuer it does send");
  }

  // A key that another host serves at the same name is none of ours; one that we know must be the deployed one.
  void check_served_key(const Presentation& presentation) {
    const Certificate& leaf = presentation.chain->leaf();
    for (const LineageFacts& lineage : check_.lineages) {
      if (lineage.facts.deployed && lineage.facts.deployed->chain.leaf().key == leaf.key) return;
    }
    for (const LineageFacts& lineage : check_.lineages) {
      const Facts& facts = lineage.facts;
      if (was_current(facts.state, leaf.key)) {
        return other_key(lineage, leaf, "which was current before", how_to_serve_deployed(lineage));
      }
      const bool next = facts.next && facts.next->key == leaf.key;
      const bool candidate = std::any_of(facts.candidates.begin(), facts.candidates.end(),
                                         [&](const CandidateFact& known) { return known.keys.key == leaf.key; });
      if (next || candidate) {
        return other_key(lineage, leaf, next ? "which is only the next one" : "which is only a candidate",
                         how_to_serve_deployed(lineage));
      }
    }
    // Nor do the records speak for it, where there are any.
    if (check_.lineage.empty() || check_.lineages.empty() || view_.verdict != EndpointView::Verdict::no_dane) return;
    const std::string whose = of_whom(leaf.key);
    const std::string which =
        fmt::format("{}{}", whose.empty() ? "which no lineage here knows" : "which is one" + whose,
                    presentation.with_name() ? "" : ", to clients that send no name (SNI)");
    other_key(check_.lineages.front(), leaf, which,
              presentation.with_name() ? how_to_serve_deployed(check_.lineages.front()) : default_key);
  }

  [[nodiscard]] std::string how_to_serve_deployed(const LineageFacts& lineage) const {
    return how_to_serve(check_.loaded, lineage.lineage, check_.result.url, address_);
  }

  // " of NAME", for a key that a lineage of this host has or had, whatever its owners.
  [[nodiscard]] std::string of_whom(const KeyId& key) const {
    const std::string holder = check_.holder ? check_.holder(key) : std::string();
    return holder.empty() ? holder : " of " + holder;
  }

  void other_key(const LineageFacts& lineage, const Certificate& leaf, const std::string& which, std::string remedy) {
    add(FindingId::other_key_served, Severity::warning,
        fmt::format("it serves the key {}, {}, not the one that is deployed for {}", leaf.key.sha256, which,
                    lineage.lineage.name),
        std::move(remedy));
    report_.findings.back().lineage = lineage.lineage.name;
  }

  const LiveCheck& check_;
  const ProbedAddress& address_;
  LiveReport& report_;
  const std::vector<RRset> rrsets_;
  std::vector<std::string> names_;  // the reference identifiers
  EndpointView view_;
};

}  // namespace

LiveReport check_live(const LiveCheck& check) {
  LiveReport report;
  for (const ProbedAddress& address : check.result.addresses) AddressCheck(check, address, report).run();
  const bool none_asked = std::all_of(report.endpoints.begin(), report.endpoints.end(), [](const EndpointView& view) {
    return view.verdict == EndpointView::Verdict::left_out;
  });
  if (none_asked && report.findings.empty()) {
    report.findings.push_back({FindingId::endpoint_not_asked,
                               Severity::unknown,
                               check.lineage,
                               check.look.owner.text(),
                               check.result.url.text(),
                               {},
                               report.endpoints.empty() ? "no address was asked" : report.endpoints.front().why,
                               "check it from a host that has a route to it"});
  }
  return report;
}

}  // namespace danectl
