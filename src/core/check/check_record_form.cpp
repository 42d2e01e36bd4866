#include "core/check/check_record_form.hpp"

#include "core/keys/dane_verify.hpp"
#include "core/keys/usable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>

namespace danectl {
namespace {

// What a pipeline of shell commands publishes when the first of them failed.
bool is_digest_of_nothing(const Association& record) {
  constexpr std::string_view sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  constexpr std::string_view sha512 =
      "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
      "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e";
  return record.hex == sha256 || record.hex == sha512;
}

bool is_of_the_end_entity(const Group& group) {
  return group.usage == 1 || group.usage == 3;
}

// One whose key usage is not to sign certificates does not count as its own issuer, yet as a complete chain.
bool is_self_signed(const Chain& chain) {
  return chain.leaf().issuer_key == chain.leaf().key.sha256 || check_complete(Chain{{chain.leaf()}}).ok();
}

class FormFindings {
 public:
  explicit FormFindings(const RecordsCheck& check) : check_(check), rrsets_(distinct_rrsets(check.look)) {
    for (const RRset& rrset : rrsets_) records_.insert(rrset.begin(), rrset.end());
    if (const auto parts = parse_owner(check.look.owner)) host_ = parts->host.text();
    for (const Chain& chain : check.presented) chains_.push_back(&chain);
    for (const LineageFacts& lineage : check.lineages) {
      if (lineage.facts.deployed) chains_.push_back(&lineage.facts.deployed->chain);
    }
  }

  std::vector<Finding> all() {
    for (const Association& record : records_) {
      usage(record);
      if (is_digest_of_nothing(record)) {
        digest_of_nothing(record);
      } else if (const auto why = unusable_because(record, PkixUsages::usable)) {
        unusable(record, *why);
      } else {
        whole_certificate(record);
        whole_data(record);
      }
    }
    duplicates();
    return std::move(findings_);
  }

 private:
  void add(FindingId id, Severity severity, std::string message, std::string remedy) {
    findings_.push_back({id, severity, {}, check_.look.owner.text(), {}, {}, std::move(message), std::move(remedy)});
  }
  void warn(FindingId id, std::string message, std::string remedy) {
    add(id, Severity::warning, std::move(message), std::move(remedy));
  }

  void usage(const Association& record) {
    if (record.group.usage > 1 || !is_of_smtp(check_.look.owner)) return;
    warn(FindingId::pkix_usage,
         fmt::format("{} has usage {}, which is nothing to SMTP (RFC 7672 section 3.1.3)", record.text(),
                     record.group.usage),
         "publish 3 1 1 instead");
  }

  // Numbers without a meaning, digests of a wrong length, whole data that cannot be read.
  void unusable(const Association& record, const std::string& why) {
    warn(FindingId::wrong_length, fmt::format("no client can use {}: {}", record.text(), why),
         "delete it, and publish what danectl records or danectl spki prints");
  }

  // It can match no key. Whether senders defer for it is told by what is served, if anything of that is known.
  void digest_of_nothing(const Association& record) {
    const bool held = std::any_of(rrsets_.begin(), rrsets_.end(), [&](const RRset& rrset) {
      return contains(rrset, record) && !authenticates(rrset, record);
    });
    add(FindingId::empty_digest, held ? Severity::critical : Severity::warning,
        fmt::format("{} is the digest of nothing: no key has it, and what made it had read no key{}", record.text(),
                    held ? "; no other record matches, and senders that check DANE hold the mail" : ""),
        "publish what danectl spki prints for the server's key, delete this one, and mend the script before it runs "
        "again");
  }

  // Whether the RRset with this record in it lets mail through. Without a chain to try another record must do.
  [[nodiscard]] bool authenticates(const RRset& rrset, const Association& record) const {
    if (chains_.empty()) {
      return std::any_of(rrset.begin(), rrset.end(), [&](const Association& other) {
        return !is_digest_of_nothing(other) && !unusable_because(other, PkixUsages::unusable) &&
               !hides(record.group, other.group);
      });
    }
    return std::any_of(chains_.begin(), chains_.end(),
                       [&](const Chain* chain) { return dane_verify(*chain, rrset, {host_}, check_.now.wall).ok(); });
  }

  void whole_certificate(const Association& record) {
    if (!is_of_the_end_entity(record.group) || record.group.selector != 0) return;
    // A certificate of one's own making stays what it is.
    const bool own = std::any_of(chains_.begin(), chains_.end(),
                                 [&](const Chain* chain) { return is_self_signed(*chain) && shows(*chain, record); });
    const bool issued =
        std::any_of(chains_.begin(), chains_.end(), [](const Chain* chain) { return !is_self_signed(*chain); });
    if (own || !issued) return;
    warn(FindingId::cert_selector,
         fmt::format("{} is of a whole certificate, and the one here is issued by a CA: the next renewal changes it, "
                     "even if the key stays the same",
                     record.text()),
         "publish 3 1 1 of the key, wait for twice the TTL, then delete it");
  }

  void whole_data(const Association& record) {
    if (record.group.mtype != 0) return;
    warn(FindingId::full_data,
         fmt::format("a {} record has the whole {}, not a digest", record.group.text(),
                     record.group.selector == 0 ? "certificate" : "key"),
         record.group.usage == 2
             ? "let the server send that certificate too, then publish its SHA2-256(1) digest: answers must stay small "
               "(RFC 7671 section 10.1.2), but a sender cannot take the certificate out of a digest"
             : "publish its SHA2-256(1) digest: answers must stay small (RFC 7671 section 10.1.2)");
  }

  void duplicates() {
    for (auto one = records_.begin(); one != records_.end(); ++one) {
      for (auto other = std::next(one); other != records_.end(); ++other) {
        const bool same = one->hex == other->hex && one->group.selector == other->group.selector &&
                          one->group.mtype == other->group.mtype;
        if (!same) continue;
        warn(FindingId::duplicate_record,
             fmt::format("the same data is published twice, as {} and as {}", one->group.text(), other->text()),
             "a key or certificate has one usage here: delete the record with the other");
      }
    }
  }

  const RecordsCheck& check_;
  const std::vector<RRset> rrsets_;
  std::set<Association> records_;
  std::vector<const Chain*> chains_;
  std::string host_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> check_record_form(const RecordsCheck& check) {
  return FormFindings(check).all();
}

bool is_of_smtp(const DnsName& owner) {
  const auto parts = parse_owner(owner);
  return parts.ok() && (parts->port == 25 || parts->port == 465 || parts->port == 587);
}

}  // namespace danectl
