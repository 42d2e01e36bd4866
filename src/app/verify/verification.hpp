// A chain against the RRsets that somebody gave or that DNS has: pure, all that `verify` decides.
#pragma once

#include "app/verify/verify_view.hpp"
#include "core/dns/look.hpp"

#include <optional>
#include <string>
#include <vector>

namespace danectl {

// An RRset, and where it was seen.
struct SeenRRset {
  std::string where;  // "ns1.example.com (192.0.2.1), ..."; empty where there is only one
  RRset records;
  std::string instead;  // what is wrong there with the way to the RRset: another alias, or none
};

// What each authoritative server has and what the resolver has, each RRset once; the resolver's may come from a cache.
// REQUIRES: a secure look.
std::vector<SeenRRset> rrsets_of(const OwnerLook& look);

// "ns1.example.com (192.0.2.1)"
std::string server_text(const ServerAnswer& answer);

class Verification {
 public:
  // With `pkix` the usages that lean on PKIX are usable.
  Verification(Chain chain, std::vector<std::string> names, WallTime now, std::optional<TrustStore> pkix)
      : chain_(std::move(chain)), names_(std::move(names)), now_(now), pkix_(std::move(pkix)) {}

  // The chain must match each of these RRsets; the match with the first is the one that is told. ErrorKind::invalid:
  // the verdict depends on a name and none was given.
  [[nodiscard]] Result<VerifyReport> of(const std::vector<SeenRRset>& rrsets) const;

  [[nodiscard]] const Chain& chain() const { return chain_; }

 private:
  [[nodiscard]] Result<DaneMatch> whole(const SeenRRset& seen) const;
  void add_groups(VerifyReport& report, const std::vector<SeenRRset>& rrsets) const;
  void add_unusable(VerifyReport& report, const RRset& records) const;
  void add_fitting(VerifyReport& report) const;

  Chain chain_;
  std::vector<std::string> names_;
  WallTime now_;
  std::optional<TrustStore> pkix_;
};

}  // namespace danectl
