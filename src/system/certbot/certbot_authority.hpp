#pragma once

#include "core/config/config.hpp"
#include "ports/certificate_authority.hpp"
#include "ports/files.hpp"
#include "ports/processes.hpp"
#include "system/certbot/certbot_copy.hpp"
#include "system/certbot/certbot_failure.hpp"

namespace danectl {

// Issues with the certbot of this host in a private copy of its configuration, state_dir/work/NAME (danectl(1),
// PROMOTION): config/ is built anew for each try, work/ and logs/ stay. REQUIRES: the caller holds the lock of the real
// config dir.
class CertbotAuthority : public CertificateAuthority {
 public:
  CertbotAuthority(Config config, Files& files, Processes& processes)
      : config_(std::move(config)), files_(files), processes_(processes) {}

  Result<Chain> issue(const IssueRequest& request, const BeforeOrder& before_order) override;
  Result<std::optional<Chain>> left_behind(const IssueRequest& request, Milliseconds begun_ago) override;
  [[nodiscard]] bool ordered() const override { return ordered_; }

 private:
  struct Attempt {
    std::optional<Chain> made;  // by an earlier certbot for the same key, or by this one though it failed
    Outcome outcome;            // of this one
    CertbotFailure failure;
    Status room;  // after it; meaningful only where it failed
  };
  Result<CertbotCopy> copy_for(const std::string& lineage);
  Result<Attempt> make(CertbotCopy& copy, const IssueRequest& request, const KeyId& wanted,
                       const BeforeOrder& before_order);

  Config config_;
  Files& files_;
  Processes& processes_;
  bool ordered_ = false;
};

}  // namespace danectl
