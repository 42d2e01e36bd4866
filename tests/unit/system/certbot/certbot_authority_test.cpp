#include "system/certbot/certbot_authority.hpp"

#include "core/keys/key_material.hpp"
#include "fakes/test_lineage.hpp"

#include <catch2/catch.hpp>

#include <functional>

using namespace danectl;

namespace {

constexpr auto name = "mx.example.lab";

// A certbot that sees only what it is told on its command line.
class FakeCertbot : public Processes {
 public:
  Result<std::string> find(const std::string& program) override { return program; }
  Result<Outcome> run(const Command& command) override {
    calls.push_back(command);
    Outcome outcome;
    outcome.exit_code = 0;
    const auto at = std::find(command.argv.begin(), command.argv.end(), "--config-dir");
    act(*(at + 1), outcome);
    return outcome;
  }

  std::function<void(const std::string& config_dir, Outcome& outcome)> act;
  std::vector<Command> calls;
};

class Issuing {
 public:
  Issuing() : present(new_material()), key(test_key()) {
    lineage.make(present, "key_type = rsa\nauthenticator = webroot\n[[webroot_map]]\nmx.example.lab = /var/www\n");
    config.certbot_dir = lineage.certbot_dir();
    config.state_dir = lineage.folder("state");
    config.certbot_args = {"--user-agent", "mine"};
    certbot.act = [this](const std::string& config_dir, Outcome&) { make_version_2(config_dir, key, days(90)); };
  }

  static std::chrono::hours days(int count) { return std::chrono::hours(24 * count); }

  void make_version_2(const std::string& config_dir, const std::string& of, std::chrono::hours life,
                      const std::vector<std::string>& names = {name}) {
    const auto now = std::chrono::time_point_cast<Milliseconds>(std::chrono::system_clock::now());
    const auto from = now - std::chrono::hours(1);
    const KeyAndChain made{of, parse_chain(test_ca().issue(names, of, from, from + life)).value()};
    for (const auto& kind : lineage_kinds) {
      const auto path = config_dir + "/archive/" + name + "/" + kind + "2.pem";
      REQUIRE(lineage.files.write(path, lineage_file(kind, made), {}).ok());
    }
  }
  Result<Chain> issue() {
    CertbotAuthority authority(config, lineage.files, certbot);
    auto chain = authority.issue({name, key}, before_order);
    ordered = authority.ordered();
    return chain;
  }
  [[nodiscard]] std::string work() const { return config.state_dir + "/work/" + name; }

  TestLineage lineage;
  FakeCertbot certbot;
  Config config;
  KeyAndChain present;
  std::string key;
  bool ordered = false;
  std::function<Status()> before_order = [] { return Status(); };
};

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

}  // namespace

TEST_CASE("a certificate is asked for in a private copy, with the options that hold the key") {
  Issuing test;
  const auto chain = test.issue();
  if (!chain) FAIL(chain.error().what);
  CHECK(chain->leaf().key == read_private_key(test.key).value());
  REQUIRE(test.certbot.calls.size() == 1);
  const auto& call = test.certbot.calls.front();
  CHECK(joined(call.argv) == "certbot --user-agent mine --config-dir " + test.work() + "/config --work-dir " +
                                 test.work() + "/work --logs-dir " + test.work() +
                                 "/logs renew --cert-name mx.example.lab --force-renewal --reuse-key "
                                 "--no-random-sleep-on-renew -n --key-type ecdsa --elliptic-curve secp256r1 "
                                 "--renew-hook true --deploy-hook true");
  CHECK(call.environment == std::map<std::string, std::string>{{"DANECTL_ACTIVE", "1"}});
  CHECK(call.output_folder == test.work());
  CHECK(call.time_limit == std::chrono::minutes(30));
  CHECK(test.lineage.files.info(test.work()).value()->mode == 0700);
}

TEST_CASE("what certbot sees in the copy is a lineage of the next key and the present certificate") {
  Issuing test;
  auto& files = test.lineage.files;
  for (const std::string shared : {"/accounts", "/renewal-hooks/pre"}) {
    REQUIRE(files.make_folder(test.config.certbot_dir + shared, 0700).ok());
  }
  test.certbot.act = [&](const std::string& config_dir, Outcome&) {
    const auto archive = config_dir + "/archive/" + name;
    CHECK(files.read(archive + "/privkey1.pem").value() == test.key);
    CHECK(files.info(archive + "/privkey1.pem").value()->mode == 0600);
    CHECK(files.read(archive + "/fullchain1.pem").value() == test.present.chain.pem());
    for (const auto& kind : lineage_kinds) {
      CHECK(files.read_link(config_dir + "/live/" + name + "/" + kind + ".pem").value() ==
            std::string("../../archive/") + name + "/" + kind + "1.pem");
    }
    const auto text = files.read(config_dir + "/renewal/" + name + ".conf").value();
    const auto conf = read_renewal_conf(text, "copy").value();
    CHECK(conf.archive_dir == archive);
    CHECK(conf.fullchain == config_dir + "/live/" + name + "/fullchain.pem");
    CHECK(text.find("[[webroot_map]]\nmx.example.lab = /var/www\n") != std::string::npos);
    CHECK(files.read_link(config_dir + "/accounts").value() == test.config.certbot_dir + "/accounts");
    CHECK(files.read_link(config_dir + "/renewal-hooks/pre").value() == test.config.certbot_dir + "/renewal-hooks/pre");
    CHECK_FALSE(files.info(config_dir + "/renewal-hooks/post").value().has_value());
    CHECK(files.list(config_dir + "/renewal-hooks/deploy").value().empty());
    test.make_version_2(config_dir, test.key, Issuing::days(90));
  };
  CHECK(test.issue().ok());
  test.lineage.check_complete(test.present, 1);
}

TEST_CASE("what is to be done before an order is done when all is ready for it") {
  Issuing test;
  bool ready = false;
  test.before_order = [&] {
    CHECK(test.certbot.calls.empty());
    ready = test.lineage.files.info(test.work() + "/config/renewal/" + name + ".conf").value().has_value();
    return Status();
  };
  CHECK(test.issue().ok());
  CHECK(ready);
}

TEST_CASE("certbot is not started where what is to be done before an order fails") {
  Issuing test;
  test.before_order = []() -> Status { return failed("no space left on device"); };
  const auto chain = test.issue();
  REQUIRE_FALSE(chain);
  CHECK(chain.error().what == "no space left on device");
  CHECK(test.certbot.calls.empty());
  CHECK_FALSE(test.ordered);
}

TEST_CASE("what an earlier certbot made for this key is taken up without asking again") {
  Issuing test;
  const auto first = test.issue();
  REQUIRE(first.ok());
  const auto second = test.issue();
  REQUIRE(second.ok());
  CHECK(second->pem() == first->pem());
  CHECK(test.certbot.calls.size() == 1);
}

TEST_CASE("an earlier certbot that comes to its locks late is waited for, and what it makes is taken up") {
  Issuing issuing;
  issuing.certbot.act = [&](const std::string& config_dir, Outcome& outcome) {
    issuing.make_version_2(config_dir, issuing.key, Issuing::days(90));  // the other one, meanwhile
    outcome.exit_code = 1;
    outcome.err = "Another instance of Certbot is already running.\n";
  };
  const auto chain = issuing.issue();
  REQUIRE(chain.ok());
  CHECK(chain->leaf().key == read_private_key(issuing.key).value());
  CHECK(issuing.certbot.calls.size() == 1);
}

TEST_CASE("two certbots that keep the locks are a refusal for now, and no answer of the CA") {
  Issuing issuing;
  issuing.certbot.act = [&](const std::string&, Outcome& outcome) {
    outcome.exit_code = 1;
    outcome.err = "Another instance of Certbot is already running.\n";
  };
  const auto chain = issuing.issue();
  REQUIRE_FALSE(chain.ok());
  CHECK(chain.error().kind == ErrorKind::not_yet);
  CHECK_FALSE(issuing.ordered);
  CHECK(issuing.certbot.calls.size() == 2);
}

TEST_CASE("what an earlier certbot made is not taken up when a new one would be better") {
  Issuing test;
  const auto config_dir = test.work() + "/config";
  REQUIRE(test.issue().ok());
  SECTION("for another key") {
    test.key = test_key();
  }
  SECTION("soon due for renewal") {
    const auto now = std::chrono::time_point_cast<Milliseconds>(std::chrono::system_clock::now());
    const auto pem = test_ca().issue({name}, test.key, now - Issuing::days(40), now + Issuing::days(50));
    REQUIRE(test.lineage.files.write(config_dir + "/archive/" + name + "/fullchain2.pem", pem, {}).ok());
  }
  SECTION("for other names") {
    test.make_version_2(config_dir, test.key, Issuing::days(90), {"other.example.lab"});
  }
  SECTION("half-written") {
    REQUIRE(test.lineage.files.write(config_dir + "/archive/" + name + "/fullchain2.pem", "-----BEGIN", {}).ok());
  }
  SECTION("in part") {
    REQUIRE(test.lineage.files.remove(config_dir + "/archive/" + name + "/cert2.pem").ok());
  }
  CHECK(test.issue().ok());
  CHECK(test.certbot.calls.size() == 2);
}

TEST_CASE("a certificate for another key than the wanted one is refused, with the likely cause") {
  Issuing test;
  test.certbot.act = [&](const std::string& config_dir, Outcome&) {
    test.make_version_2(config_dir, test_key(), Issuing::days(90));
  };
  const auto chain = test.issue();
  REQUIRE_FALSE(chain.ok());
  CHECK(chain.error().kind == ErrorKind::failed);
  CHECK(chain.error().what.find("with another key than the next one") != std::string::npos);
  CHECK(chain.error().hint.find("cli.ini") != std::string::npos);
}

TEST_CASE("a certbot that succeeds and makes nothing is an error") {
  Issuing test;
  test.certbot.act = [](const std::string&, Outcome&) {};
  CHECK(test.issue().error().what == "certbot ended without an error, but made no certificate for mx.example.lab");
}

TEST_CASE("a failure of certbot has its sentence, and says whether there may have been an order") {
  Issuing test;
  std::string sentence;
  test.certbot.act = [&](const std::string&, Outcome& outcome) {
    outcome.exit_code = 1;
    outcome.err = "Failed to renew certificate mx.example.lab with error: " + sentence + "\n";
    const std::string log = test.work() + "/logs/letsencrypt.log";
    REQUIRE(test.lineage.files.make_folder(test.work() + "/logs", 0700).ok());
    REQUIRE(test.lineage.files.write(log, sentence + "\n", {}).ok());
  };
  sentence = "Requesting ca/dir: Connection refused";
  auto error = test.issue().error();
  CHECK(error.kind == ErrorKind::not_yet);
  CHECK(error.what ==
        "certbot got no certificate for the next key of mx.example.lab: Requesting ca/dir: Connection refused");
  CHECK(error.hint ==
        "its last lines, more in " + test.work() +
            "/logs/letsencrypt.log:\n    Failed to renew certificate mx.example.lab with error: " + sentence);
  CHECK_FALSE(test.ordered);
  sentence = "Some challenges have failed.";
  CHECK(test.issue().error().kind == ErrorKind::failed);
  CHECK(test.ordered);
}

TEST_CASE("a certbot ended at the time limit may have left its post hooks undone, and that is said") {
  Issuing test;
  test.certbot.act = [](const std::string&, Outcome& outcome) {
    outcome.timed_out = true;
    outcome.time_limit = Seconds(1800);
  };
  const auto error = test.issue().error();
  CHECK(error.kind == ErrorKind::not_yet);
  CHECK(error.what == "certbot got no certificate for the next key of mx.example.lab: did not end within 30 min");
  CHECK(error.hint.find("post hooks may not have run") != std::string::npos);
}

TEST_CASE("what a certbot wrote before it failed is taken up") {
  Issuing test;
  test.certbot.act = [&](const std::string& config_dir, Outcome& outcome) {
    test.make_version_2(config_dir, test.key, Issuing::days(90));
    outcome.exit_code = 1;
    outcome.err = "Failed to renew certificate mx.example.lab with error: [Errno 28] No space left on device\n";
  };
  const auto chain = test.issue();
  REQUIRE(chain.ok());
  CHECK(chain->leaf().key == read_private_key(test.key).value());
}

TEST_CASE("what a certbot left behind is found for its key alone, and nothing is asked for") {
  Issuing test;
  CertbotAuthority authority(test.config, test.lineage.files, test.certbot);
  CHECK_FALSE(authority.left_behind({name, test.key}, std::chrono::minutes(1)).value().has_value());
  CHECK(test.certbot.calls.empty());
  const auto made = test.issue();
  REQUIRE(made.ok());
  const auto left = authority.left_behind({name, test.key}, std::chrono::minutes(1)).value();
  REQUIRE(left.has_value());
  CHECK(left->pem() == made->pem());
  CHECK_FALSE(authority.left_behind({name, test_key()}, std::chrono::minutes(1)).value().has_value());
  CHECK(test.certbot.calls.size() == 1);
}

TEST_CASE("without room for what certbot writes it is not started, so no certificate is lost") {
  Issuing test;
  REQUIRE(test.lineage.files.make_folder(test.work() + "/room", 0700).ok());  // nothing can be written there
  const auto error = test.issue().error();
  CHECK(error.what.find("certbot was not started for the next key of mx.example.lab: ") == 0);
  CHECK(error.what.find(test.work() + "/room: ") != std::string::npos);
  CHECK(error.hint.find("make room on that file system") == 0);
  CHECK_FALSE(test.ordered);
  CHECK(test.certbot.calls.empty());
}

TEST_CASE("a file system that fills up under certbot is named in place of its cut sentence") {
  Issuing test;
  test.certbot.act = [&](const std::string&, Outcome& outcome) {
    outcome.exit_code = 1;
    REQUIRE(test.lineage.files.make_folder(test.work() + "/room", 0700).ok());
  };
  const auto error = test.issue().error();
  CHECK(error.kind == ErrorKind::failed);
  CHECK(error.what.find("certbot got no certificate for the next key of mx.example.lab: ") == 0);
  CHECK(error.what.find(test.work() + "/room: ") != std::string::npos);
  CHECK(error.hint.find("make room on that file system\n  it printed nothing; its log is ") == 0);
  CHECK(test.ordered);
}
