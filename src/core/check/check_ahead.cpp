#include "core/check/check_ahead.hpp"

#include "core/config/end_margins.hpp"
#include "core/keys/dane_verify.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace danectl {
namespace {

using std::chrono::hours;

// The timer calls `danectl run` many times a day.
constexpr Milliseconds timer_is_dead_after = hours{48};
// Clocks of different boots differ by less.
constexpr Milliseconds clock_tolerance = std::chrono::minutes{5};

class Ahead {
 public:
  explicit Ahead(const AheadCheck& check)
      : check_(check), facts_(check.lineage.facts), lineage_(check.lineage.lineage), state_(facts_.state) {}

  std::vector<Finding> findings() {
    probes();
    deployed();
    certbot();
    hooks();
    candidates();
    issuers();
    unread();
    times();
    return std::move(findings_);
  }

 private:
  void add(FindingId id, Severity severity, std::string message, std::string remedy) {
    findings_.push_back({id, severity, lineage_.name, {}, {}, {}, std::move(message), std::move(remedy)});
  }
  void warn(FindingId id, std::string message, std::string remedy) {
    add(id, Severity::warning, std::move(message), std::move(remedy));
  }

  // What is served decides whether mail comes, so that all is well can only be said of what was looked at.
  void probes() {
    for (const DnsName& owner : lineage_.tlsa) {
      if (std::find(check_.probed.begin(), check_.probed.end(), owner) != check_.probed.end()) continue;
      warn(FindingId::owner_not_probed, "no probe asks what is served there",
           fmt::format("add it to `probe` of {}, as \"smtp://HOST:25\"", lineage_.name));
      findings_.back().owner = owner.text();
    }
  }

  void deployed() {
    if (const auto& trouble = facts_.deployed_trouble) {
      if (facts_.deployed) {
        warn(FindingId::deployed_files_damaged, trouble->what, trouble->hint);
      } else {
        // The next reload or start of a server finds no key.
        add(FindingId::not_deployed, Severity::critical, trouble->what, trouble->hint);
      }
    }
    if (!facts_.deployed) return;
    const Certificate& leaf = facts_.deployed->chain.leaf();
    const Milliseconds life = leaf.not_after - leaf.not_before;
    const Milliseconds left = leaf.not_after - check_.now.wall;
    const EndMargins margins = end_margins(check_.limits, life);
    const bool critical = left < margins.critical;
    if (critical || left < margins.warning) {
      const std::string end = to_rfc3339(leaf.not_after);
      add(FindingId::certificate_ends, critical ? Severity::critical : Severity::warning,
          left > Milliseconds{0} ? fmt::format("the deployed certificate ends in {}, {}", human_duration(left), end)
                                 : fmt::format("the deployed certificate ended {}", end),
          facts_.candidates.empty() ? how_to_renew("and read what it says")
                                    : "certbot's newer certificate waits for its records: publish what danectl records "
                                      "prints");
    } else {
      renewal(life);
    }
  }

  // `what`: what to do beside calling certbot, where that renews.
  [[nodiscard]] std::string how_to_renew(std::string_view what) const {
    const RenewalRule rule = facts_.certbot ? facts_.certbot->renewal : RenewalRule{};
    const std::string forced = fmt::format("certbot renew --force-renewal --cert-name {}", lineage_.name);
    if (!rule.automatic) return forced + "; or take autorenew = False out of its renewal conf";
    if (facts_.certbot && rule.before_expiry) {
      const Certificate& newest = facts_.certbot->chain.leaf();
      const Milliseconds below = renewed_below(rule, newest.not_after - newest.not_before);
      if (newest.not_after - check_.now.wall > below) {
        return fmt::format(
            "certbot renews it when {} are left, as renew_before_expiry in its renewal conf says: take "
            "that line out, or {}",
            human_duration(below), forced);
      }
    }
    return fmt::format("certbot renew --cert-name {}, {}", lineage_.name, what);
  }

  void renewal(Milliseconds life) {
    if (!facts_.certbot) return;
    const RenewalRule& rule = facts_.certbot->renewal;
    const Certificate& newest = facts_.certbot->chain.leaf();
    const Milliseconds left = newest.not_after - check_.now.wall;
    if (left >= overdue_below(rule, newest.not_after - newest.not_before) || life == Milliseconds{0}) return;
    if (!rule.automatic) {
      return warn(
          FindingId::renewal_overdue,
          fmt::format("certbot does not renew the certificate by itself, since autorenew = False in its renewal "
                      "conf: {} of its life are left",
                      human_duration(left)),
          how_to_renew({}));
    }
    warn(FindingId::renewal_overdue,
         fmt::format("certbot should have renewed the certificate by now: {} of its life are left",
                     human_duration(left)),
         fmt::format("is certbot's timer on? certbot renew --cert-name {} says why not", lineage_.name));
  }

  void certbot() {
    if (const auto& missing = facts_.certbot_program) warn(FindingId::certbot_not_found, missing->what, missing->hint);
    if (!facts_.certbot) {
      // What this user may not read is unknown, which is no finding; what a cut install left is completed by `run`.
      const bool known = !facts_.certbot_is_forbidden && !facts_.certbot_is_half_ours;
      if (known && !facts_.certbot_trouble.empty()) {
        warn(FindingId::certbot_lineage_damaged, facts_.certbot_trouble, facts_.certbot_cure);
      }
      return;
    }
    if (!facts_.certbot->reuse_key && lineage_.stages_keys()) {
      warn(FindingId::reuse_key_lost,
           "certbot's renewal conf has no reuse_key = True: the next renewal makes a new key",
           "danectl run puts it back; reuse-key = true in certbot's cli.ini keeps it for all");
    } else if (!facts_.certbot->conf_fits_key && lineage_.stages_keys()) {
      warn(
          FindingId::certbot_settings,
          "certbot's renewal conf speaks of a key of another type than the lineage has, and the key is reused: certbot "
          "refuses each renewal",
          "danectl run sets key_type as the key is");
    }
    if (const auto& against = facts_.certbot->against_reuse) {
      warn(FindingId::certbot_settings, against->what, against->hint);
    }
  }

  void hooks() {
    if (check_.deploy_hook == AheadCheck::DeployHook::missing) {
      warn(FindingId::deploy_hook_missing,
           "certbot calls no deploy hook of danectl: what it renews is deployed by the next danectl run only",
           check_.how_to_install_hook);
    }
    if (!state_.hook_error.empty()) {
      warn(FindingId::hook_failed, fmt::format("certbot's deploy hook failed: {}", state_.hook_error),
           "danectl run takes it up again");
    }
    if (!state_.publish_error.empty() && any_missing(facts_)) {
      warn(FindingId::publish_failed, fmt::format("publishing failed: {}", state_.publish_error),
           "remove the cause, then call danectl publish");
    }
    const auto& since = state_.pending.reload_since ? state_.pending.reload_since : state_.pending.certbot_hooks_since;
    if (since) {
      warn(FindingId::reload_pending,
           fmt::format("{} pending since {}: servers may still serve the key before",
                       state_.pending.reload_since ? "a reload is" : "certbot's deploy hooks are",
                       to_rfc3339(since->wall)),
           "danectl run tries it again, and says what fails");
    }
  }

  void candidates() {
    if (lineage_.rotation == Rotation::certbot) return;  // there each renewal is one
    for (const CandidateFact& candidate : facts_.candidates) {
      if (const auto why = obstacle(candidate)) {
        warn(FindingId::candidate_waiting,
             fmt::format("certbot has a chain with the key {} that is not deployed: {}", candidate.keys.key.sha256,
                         why->what),
             why->hint);
        continue;
      }
      const std::optional<WallTime> ready = candidate.way.ready_at;
      warn(FindingId::candidate_waiting,
           fmt::format(
               "certbot has a chain with the key {}, which the records of the deployed chain do not match: it {}",
               candidate.keys.key.sha256,
               ready ? fmt::format("may be deployed from {}", to_rfc3339(*ready))
                     : "waits until its records are seen everywhere"),
           "publish what danectl records prints; danectl run deploys it when it is ready");
    }
  }

  // Chains that are to be deployed sooner or later, against the trust anchors that are published.
  void issuers() {
    std::vector<const Chain*> chains;
    if (facts_.certbot) chains.push_back(&facts_.certbot->chain);
    if (facts_.next && facts_.next->issued) chains.push_back(&facts_.next->issued->chain);
    for (const CandidateFact& candidate : facts_.candidates) {
      if (candidate.kept) chains.push_back(&candidate.kept->chain);
    }
    for (const OwnerLook& look : check_.looks) {
      for (const Chain* chain : chains) issuer_at(look, *chain);
    }
  }

  void issuer_at(const OwnerLook& look, const Chain& chain) {
    if (facts_.deployed && facts_.deployed->chain.leaf().fingerprint == chain.leaf().fingerprint) return;
    // With no root at its end there is nothing that a record could name: candidates() says what to do.
    if (!lineage_.append_root.empty() && !keys_of(chain, lineage_).anchor) return;
    const auto parts = parse_owner(look.owner);
    for (const RRset& rrset : distinct_rrsets(look)) {
      for (const auto& [group, match] :
           dane_verify_groups(chain, rrset, {parts ? parts->host.text() : ""}, check_.now.wall)) {
        if (group.usage != 2 || match) continue;
        const bool is_there = std::any_of(rrset.begin(), rrset.end(), [&, &of = group](const Association& record) {
          return record.group == of && shows(chain, record);
        });
        if (is_there) {
          warn(FindingId::new_issuer_not_published,
               fmt::format("the coming certificate does not pass by the {} records, though its issuer's is there: {}",
                           group.text(), match.error().what),
               "names and dates count where an issuer is named: renew it with all names");
          findings_.back().owner = look.owner.text();
          return;
        }
        warn(FindingId::new_issuer_not_published,
             fmt::format("the coming certificate is issued by {}, which no {} record covers", chain.leaf().issuer,
                         group.text()),
             fmt::format("publish the {} record of that issuer at {} before it is deployed", group.text(),
                         look.owner.text()));
        findings_.back().owner = look.owner.text();
        return;
      }
    }
  }

  void unread() {
    for (const std::string& what : lineage_.unread_issuers) {
      warn(FindingId::issuers_unread, fmt::format("`issuers`: {}", what),
           "mend it, or take it out of `issuers`; until then the records of all issuers known before stay");
    }
    if (!lineage_.unread_roots.empty()) {
      add(FindingId::not_readable, Severity::unknown, fmt::format("`append_root`: {}", lineage_.unread_roots),
          "a root certificate is no secret: make the file readable, or check as root");
    }
  }

  void times() {
    for (Finding& finding : check_last_run(check_.last_run, check_.now.wall, check_.how_to_start_timer)) {
      finding.lineage = lineage_.name;
      findings_.push_back(std::move(finding));
    }
  }

  const AheadCheck& check_;
  const Facts& facts_;
  const LineageConfig& lineage_;
  const State& state_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> check_ahead(const AheadCheck& check) {
  return Ahead(check).findings();
}

std::vector<Finding> check_last_run(std::optional<WallTime> last_run, WallTime now,
                                    const std::function<std::string()>& how_to_start_timer) {
  const auto found = [](FindingId id, std::string message, std::string remedy) {
    return std::vector<Finding>{{id, Severity::warning, {}, {}, {}, {}, std::move(message), std::move(remedy)}};
  };
  const auto cure = [&] {
    return how_to_start_timer ? how_to_start_timer()
                              : std::string("enable danectl.timer, or install hooks/cron/danectl");
  };
  if (!last_run) {
    return found(FindingId::state_old, "danectl run has never ended here: nothing renews, retries or watches by itself",
                 cure());
  }
  const Milliseconds ago = now - *last_run;
  if (ago > timer_is_dead_after) {
    return found(FindingId::state_old,
                 fmt::format("danectl run ended last {} ago: the timer has died", human_duration(ago)), cure());
  }
  if (ago >= -clock_tolerance) return {};
  return found(
      FindingId::clock_off,
      fmt::format("danectl run ended in the future, {}: this host's clock was set back", to_rfc3339(*last_run)),
      "is the clock right? timedatectl; signatures and hold-downs depend on it");
}

}  // namespace danectl
