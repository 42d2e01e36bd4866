#include "core/check/check_ahead.hpp"

#include "fakes/looks.hpp"
#include "fakes/test_chain.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace danectl;
using std::chrono::hours;

namespace {

// Deployed, certbot's, with its hook and a timer that ran an hour ago.
class Watched {
 public:
  Watched() {
    facts.deployed = DeployedFact{1, served};
    facts.certbot = CertbotFact{served, true};
    facts.state.name = lineage.name;
    set_now(served.leaf().not_before + hours{24});
  }
  void set_now(WallTime wall) {
    now.wall = wall;
    last_run = wall - hours{1};
  }
  void set_left(Milliseconds left) { set_now(served.leaf().not_after - left); }
  std::vector<Finding> findings(const std::vector<OwnerLook>& looks = {}) {
    return check_ahead({{lineage, facts}, looks, CheckConfig{}, hook, last_run, now, probed});
  }
  // The only one.
  Finding only() {
    const auto found = findings();
    REQUIRE(found.size() == 1);
    CHECK(found.front().lineage == lineage.name);
    CHECK_FALSE(found.front().message.empty());
    CHECK_FALSE(found.front().remedy.empty());
    return found.front();
  }
  void check_only(FindingId id, Severity severity) {
    const Finding found = only();
    CHECK(to_text(found.id) == to_text(id));
    CHECK(found.severity == severity);
  }

  Chain served = new_chain();
  Facts facts;
  LineageConfig lineage = [] {
    LineageConfig config;
    config.name = "mx.example.lab";
    config.tlsa = {test_owner()};
    return config;
  }();
  AheadCheck::DeployHook hook = AheadCheck::DeployHook::there;
  std::optional<WallTime> last_run;
  std::vector<DnsName> probed{test_owner()};
  Instant now = at(0);
};

}  // namespace

TEST_CASE_METHOD(Watched, "Nothing is seen coming for a fresh certificate with all in place") {
  CHECK(findings().empty());
}

TEST_CASE_METHOD(Watched, "What could not be read of the issuers is a warning, an unreadable root is unknown") {
  lineage.unread_issuers = {"/issuers/page.pem: no certificate in it"};
  check_only(FindingId::issuers_unread, Severity::warning);
  lineage.unread_issuers.clear();
  lineage.unread_roots = "cannot read /root.pem: Permission denied";
  check_only(FindingId::not_readable, Severity::unknown);
}

TEST_CASE_METHOD(Watched, "A candidate that has an obstacle is told with it and its cure, not with its records") {
  const Chain other = new_chain();
  facts.candidates.push_back({{other.leaf().key, std::nullopt},
                              ChainFact{other, failed("the new certificate is not for a.example", "renew it"), false},
                              {.stage = KeyStage::ready}});
  const Finding found = only();
  CHECK(to_text(found.id) == "candidate-waiting");
  CHECK(found.message.ends_with("that is not deployed: the new certificate is not for a.example"));
  CHECK(found.remedy == "renew it");
}

TEST_CASE_METHOD(Watched, "The end of the deployed certificate is a warning, then critical") {
  set_left(hours{24 * 21});
  CHECK(to_text(only().id) == "renewal-overdue");
  set_left(hours{24 * 19});
  check_only(FindingId::certificate_ends, Severity::warning);
  set_left(hours{24 * 9});
  check_only(FindingId::certificate_ends, Severity::critical);
  set_left(-hours{1});
  CHECK(only().message.find("ended") != std::string::npos);
}

TEST_CASE_METHOD(Watched, "A short life has limits of a third and a sixth") {
  Certificate& leaf = facts.deployed->chain.certificates.front();
  leaf.not_before = now.wall - hours{24 * 3};
  leaf.not_after = now.wall + hours{24 * 3};
  facts.certbot->chain = facts.deployed->chain;
  CHECK(findings().empty());
  leaf.not_after = now.wall + hours{30};
  facts.certbot->chain = facts.deployed->chain;
  check_only(FindingId::certificate_ends, Severity::warning);
  leaf.not_after = now.wall + hours{12};
  facts.certbot->chain = facts.deployed->chain;
  check_only(FindingId::certificate_ends, Severity::critical);
}

TEST_CASE_METHOD(Watched, "A renewal that has not come is said before the certificate is near its end") {
  set_left(hours{24 * 28});
  CHECK(findings().empty());
  set_left(hours{24 * 26});
  check_only(FindingId::renewal_overdue, Severity::warning);
  facts.certbot->chain.certificates.front().not_after += hours{24 * 60};
  CHECK(findings().empty());
}

TEST_CASE_METHOD(Watched, "A renewal is not overdue before certbot was told to do it") {
  facts.certbot->renewal.before_expiry = hours{24 * 5};
  set_left(hours{24 * 21});
  CHECK(findings().empty());
  set_left(hours{24 * 19});
  CHECK(only().remedy.starts_with("certbot renews it when 5 d are left"));
  facts.certbot->renewal.certbot = 4;  // which renews when a third is left, too
  set_left(hours{24 * 21});
  check_only(FindingId::renewal_overdue, Severity::warning);
  facts.certbot->renewal.before_expiry = hours{24 * 60};
  set_left(hours{24 * 50});
  check_only(FindingId::renewal_overdue, Severity::warning);
}

TEST_CASE_METHOD(Watched, "Where certbot does not renew by itself that is why, and its timer is no remedy") {
  facts.certbot->renewal.automatic = false;
  set_left(hours{24 * 35});
  CHECK(findings().empty());
  for (const int days : {21, 15}) {
    set_left(hours{24 * days});
    const Finding found = only();
    CHECK(to_text(found.id) == (days == 21 ? "renewal-overdue" : "certificate-ends"));
    CHECK(found.remedy.starts_with("certbot renew --force-renewal"));
    CHECK(found.remedy.find("autorenew = False") != std::string::npos);
  }
}

TEST_CASE_METHOD(Watched, "A lost reuse_key is found, but not where certbot is to make the keys") {
  facts.certbot->reuse_key = false;
  check_only(FindingId::reuse_key_lost, Severity::warning);
  lineage.rotation = Rotation::certbot;
  CHECK(findings().empty());
}

TEST_CASE_METHOD(Watched, "What keeps certbot from reusing the key is found, in the conf and in cli.ini") {
  facts.certbot->conf_fits_key = false;
  check_only(FindingId::certbot_settings, Severity::warning);
  facts.certbot->conf_fits_key = true;
  facts.certbot->against_reuse = failed("\"new-key = true\" in cli.ini", "take it out");
  check_only(FindingId::certbot_settings, Severity::warning);
}

TEST_CASE_METHOD(Watched, "A missing deploy hook is found, an unknown one is not") {
  hook = AheadCheck::DeployHook::missing;
  check_only(FindingId::deploy_hook_missing, Severity::warning);
  hook = AheadCheck::DeployHook::unknown;
  CHECK(findings().empty());
}

TEST_CASE_METHOD(Watched, "A timer that died is found, and one that never was") {
  last_run = now.wall - hours{49};
  check_only(FindingId::state_old, Severity::warning);
  last_run.reset();
  check_only(FindingId::state_old, Severity::warning);
  last_run = now.wall - hours{47};
  CHECK(findings().empty());
}

TEST_CASE_METHOD(Watched, "A run in the future means that the clock was set back") {
  last_run = now.wall + hours{1};
  check_only(FindingId::clock_off, Severity::warning);
}

TEST_CASE_METHOD(Watched, "What is pending or failed is found") {
  facts.state.pending.reload_since = now;
  check_only(FindingId::reload_pending, Severity::warning);
  facts.state.pending = {};
  facts.state.hook_error = "the state is locked";
  check_only(FindingId::hook_failed, Severity::warning);
  facts.state.hook_error.clear();
  facts.state.publish_error = "REFUSED";
  CHECK(findings().empty());  // all is published by now
  facts.places.emplace_back().plan.missing = {record_of('a')};
  check_only(FindingId::publish_failed, Severity::warning);
}

TEST_CASE_METHOD(Watched, "A candidate that waits is found, but not where each renewal is one") {
  facts.candidates.push_back({{new_chain().leaf().key, std::nullopt}, std::nullopt, {}});
  check_only(FindingId::candidate_waiting, Severity::warning);
  lineage.rotation = Rotation::certbot;
  CHECK(findings().empty());
}

TEST_CASE_METHOD(Watched, "A coming certificate of an issuer that no published record covers is found") {
  const Chain coming = new_chain();
  facts.certbot->chain = coming;
  facts.candidates.clear();
  const std::string issuer = "2 1 1 " + served.leaf().issuer_key;
  const auto look = [&](const std::string& text) {
    return std::vector<OwnerLook>{LookBuilder(at(0)).server("ns1.example.com", {record(text)}).done()};
  };
  lineage.tlsa = {test_owner()};
  const auto found = findings(look("2 1 1 " + std::string(64, 'a')));
  REQUIRE(found.size() == 1);
  CHECK(found.front().id == FindingId::new_issuer_not_published);
  CHECK(found.front().owner == test_owner().text());
  // That of mx.example.lab is not for mx.example.com.
  const auto named = findings(look("2 1 1 " + coming.certificates.back().key.sha256));
  REQUIRE(named.size() == 1);
  CHECK(named.front().message.find("though its issuer's is there") != std::string::npos);
  CHECK(findings(look("3 1 1 " + std::string(64, 'a'))).empty());
}

TEST_CASE_METHOD(Watched, "Damaged files and a lost lineage of certbot are found") {
  facts.deployed_trouble = failed("combined.pem is not there", "put it back");
  check_only(FindingId::deployed_files_damaged, Severity::warning);
  facts.deployed_trouble.reset();
  facts.certbot.reset();
  facts.certbot_trouble = "certbot has no lineage mx.example.lab";
  facts.certbot_cure = "restore it";
  check_only(FindingId::certbot_lineage_damaged, Severity::warning);
  facts.certbot_is_forbidden = true;
  CHECK(findings().empty());
}

TEST_CASE_METHOD(Watched, "An owner whose server nobody asks is found") {
  probed.clear();
  check_only(FindingId::owner_not_probed, Severity::warning);
  CHECK(only().owner == test_owner().text());
}

TEST_CASE_METHOD(Watched, "A link that is gone is critical: the next reload finds no key") {
  facts.deployed.reset();
  facts.deployed_trouble = failed("live/mx.example.lab is not there", "ln -sfn");
  const auto found = findings();
  const auto lost =
      std::find_if(found.begin(), found.end(), [](const Finding& one) { return one.id == FindingId::not_deployed; });
  REQUIRE(lost != found.end());
  CHECK(lost->severity == Severity::critical);
}
