#include "core/check/check_served_age.hpp"

#include "core/check/check_loaded.hpp"
#include "core/config/end_margins.hpp"
#include "core/keys/dane_verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace danectl {
namespace {

class Age {
 public:
  explicit Age(const AgeCheck& check) : check_(check) {}

  // What is served counts, whatever is deployed: a reload may have been missed.
  std::vector<Finding> findings() {
    const Certificate& leaf = check_.chain.leaf();
    const LineageFacts* const other = lineage_with_other_certificate(leaf);
    const Certificate* const newer =
        other != nullptr && deployed(*other).not_before > leaf.not_before ? &deployed(*other) : nullptr;
    if (newer != nullptr) {
      add(FindingId::older_certificate_served, Severity::warning,
          fmt::format("the server presents an older certificate of the same key, from {}: its reload was missed (the "
                      "deployed certificate is from {})",
                      to_rfc3339(leaf.not_before), to_rfc3339(newer->not_before)),
          cure(*other));
    } else if (other != nullptr) {
      const auto& certbot = other->facts.certbot;
      const bool certbots = certbot && certbot->chain.leaf().fingerprint == leaf.fingerprint;
      add(FindingId::other_folder_loaded, Severity::warning,
          fmt::format("the server presents {} certificate of the deployed key, from {}, and not the deployed "
                      "certificate, from {}: "
                      "it loads another folder than danectl's",
                      certbots ? "certbot's" : "another", to_rfc3339(leaf.not_before),
                      to_rfc3339(deployed(*other).not_before)),
          cure(*other));
    }
    const char* const remedy = newer != nullptr ? "reload the server: a newer certificate is deployed"
                                                : "has it been renewed? then reload the server; else see why not";
    if (leaf.not_after < check_.live.now) {
      add(FindingId::served_certificate_ended, Severity::warning,
          fmt::format("it serves a certificate that ended {}", to_rfc3339(leaf.not_after)),
          "has certbot renewed it? then reload the server; senders without DANE may refuse it");
      return std::move(findings_);
    }
    // Of the deployed one check_ahead tells.
    if (!check_.live.lineage.empty() && is_deployed(leaf)) return std::move(findings_);
    if (const Certificate* const first = first_that_holds_mail()) {
      ends_soon(*first, "then it does not pass the records of usage 2, and senders that check DANE hold the mail",
                check_.worst, remedy);
    } else {
      ends_soon(leaf, "DANE with usage 3 ignores that, but other clients may refuse the certificate", Severity::warning,
                remedy);
    }
    return std::move(findings_);
  }

 private:
  void add(FindingId id, Severity severity, std::string message, std::string remedy) {
    findings_.push_back({id, severity, {}, {}, {}, {}, std::move(message), std::move(remedy)});
  }

  void ends_soon(const Certificate& certificate, const char* what_then, Severity worst, const char* remedy) {
    const EndMargins margins = end_margins(check_.live.limits, certificate.not_after - certificate.not_before);
    const Milliseconds left = certificate.not_after - check_.live.now;
    if (left >= margins.warning) return;
    add(FindingId::served_certificate_ends, left < margins.critical ? worst : Severity::warning,
        fmt::format("a certificate that it serves ends in {}, {}: {}", human_duration(left),
                    to_rfc3339(certificate.not_after), what_then),
        remedy);
  }

  // The one of the chain whose end will make senders hold mail; nothing: dates do not count, or nothing passes now.
  [[nodiscard]] const Certificate* first_that_holds_mail() const {
    const Certificate* first = nullptr;
    for (const RRset& rrset : check_.rrsets) {
      if (!dane_verify(check_.chain, rrset, check_.names, check_.live.now)) continue;
      for (const Certificate& certificate : check_.chain.certificates) {
        const bool sooner = first == nullptr || certificate.not_after < first->not_after;
        if (sooner && !dane_verify(check_.chain, rrset, check_.names, certificate.not_after + Seconds{1}))
          first = &certificate;
      }
    }
    return first;
  }

  [[nodiscard]] bool is_deployed(const Certificate& leaf) const {
    return std::any_of(check_.live.lineages.begin(), check_.live.lineages.end(), [&](const LineageFacts& lineage) {
      return lineage.facts.deployed && lineage.facts.deployed->chain.leaf().fingerprint == leaf.fingerprint;
    });
  }

  // REQUIRES: something is deployed.
  static const Certificate& deployed(const LineageFacts& lineage) { return lineage.facts.deployed->chain.leaf(); }

  // It has deployed another certificate of the same key; nothing: there is none, or this one is deployed as well.
  [[nodiscard]] const LineageFacts* lineage_with_other_certificate(const Certificate& leaf) const {
    if (is_deployed(leaf)) return nullptr;
    const auto& lineages = check_.live.lineages;
    const auto found = std::find_if(lineages.begin(), lineages.end(), [&](const LineageFacts& lineage) {
      return lineage.facts.deployed && deployed(lineage).key == leaf.key;
    });
    return found == lineages.end() ? nullptr : &*found;
  }

  [[nodiscard]] std::string cure(const LineageFacts& lineage) const {
    return how_to_serve(check_.live.loaded, lineage.lineage, check_.live.result.url, check_.address);
  }

  const AgeCheck& check_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> check_served_age(const AgeCheck& check) {
  return Age(check).findings();
}

}  // namespace danectl
