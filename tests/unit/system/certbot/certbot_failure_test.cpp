#include "system/certbot/certbot_failure.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

// As certbot 2.1 prints a failed renewal.
Outcome renewal_failed_with(const std::string& sentence) {
  Outcome outcome;
  outcome.exit_code = 1;
  outcome.out =
      "\n- - - - - - - - - - - - -\nProcessing\n/w/config/renewal/mx.example.com.conf\n- - - - - - - - - - - - -\n"
      "Renewing an existing certificate for mx.example.com\n";
  outcome.err = "Saving debug log to /w/logs/letsencrypt.log\nFailed to renew certificate mx.example.com with error: " +
                sentence +
                "\nAll renewals failed. The following certificates could not be renewed:\n"
                "  /w/config/live/mx.example.com/fullchain.pem (failure)\n1 renew failure(s), 0 parse failure(s)\n"
                "Ask for help or search for solutions at https://community.letsencrypt.org. See the logfile x.\n";
  return outcome;
}

Outcome printed(const std::string& err, const std::string& out = "") {
  Outcome outcome;
  outcome.exit_code = 1;
  outcome.err = err;
  outcome.out = out;
  return outcome;
}

}  // namespace

TEST_CASE("certbot's sentence is what follows its with error") {
  const auto failure = read_certbot_failure(renewal_failed_with("some words: with error: more"), "");
  CHECK(failure.sentence == "some words: with error: more");
  CHECK(failure.last_lines ==
        "\n    Failed to renew certificate mx.example.com with error: some words: with error: more");
}

TEST_CASE("each failure of certbot is temporary or not, and came before an order or perhaps not") {
  struct Case {
    std::string sentence;
    bool temporary;
    bool ordered;
  };
  const std::string never_connected =
      "HTTPSConnectionPool(host='ca', port=443): Max retries exceeded with url: /dir (Caused by "
      "NewConnectionError('<x>: Failed to establish a new connection: [Errno -2] Name or service not known'))";
  const std::vector<Case> cases{
      {"Requesting 127.0.0.14/dir: Connection refused", true, false},
      {never_connected, true, false},
      {"HTTPSConnectionPool(host='127.0.0.14', port=14000): Read timed out. (read timeout=45)", true, false},
      {"('Connection aborted.', RemoteDisconnected('Remote end closed connection without response'))", true, false},
      {"[Errno 28] No space left on device", false, true},
      {"HTTPSConnectionPool(host='ca', port=443): Max retries exceeded with url: /dir (Caused by "
       "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed')))",
       false, true},
      {"<Response [503]>", true, true},
      {"<Response [404]>", false, true},
      {"urn:ietf:params:acme:error:rateLimited :: There were too many requests :: too many certificates", true, true},
      {"urn:ietf:params:acme:error:serverInternal :: The server experienced an internal error :: x", true, true},
      {"urn:ietf:params:acme:error:badNonce :: The client sent an unacceptable anti-replay nonce :: x", true, true},
      {"urn:ietf:params:acme:error:unauthorized :: The client lacks sufficient authorization :: x", false, true},
      {"urn:ietf:params:acme:error:connection :: The server could not connect :: Connection refused", false, true},
      {"Some challenges have failed.", false, true},
      {"Could not bind TCP port 80 because it is already in use by another process on this system", true, false},
      {"Unable to change the --key-type of this certificate because --reuse-key is set.", false, false},
      {"a sentence that nobody knows", false, true},
  };
  for (const auto& [sentence, temporary, ordered] : cases) {
    INFO(sentence);
    const auto failure = read_certbot_failure(renewal_failed_with(sentence), "DEBUG: x\n" + sentence + "\n");
    CHECK(failure.sentence == sentence);
    CHECK(failure.temporary == temporary);
    CHECK(failure.ordered == ordered);
  }
}

TEST_CASE("a CA that the network parts from certbot may have an order: certbot's log tells") {
  const auto* const sentence = GENERATE("Requesting 127.0.0.14/certZ/1: Connection refused",
                                        "HTTPSConnectionPool(host='ca', port=443): Read timed out. (read timeout=45)",
                                        "('Connection aborted.', RemoteDisconnected('Remote end closed connection'))");
  const auto ordered = [&](const std::string& log) {
    return read_certbot_failure(renewal_failed_with(sentence), log).ordered;
  };
  const std::string directory = "DEBUG: {\n  \"newOrder\": \"https://127.0.0.14:14000/order-plz\",\n}\n";
  const std::string post = "DEBUG:acme.client:Sending POST request to https://127.0.0.14:14000/order-plz:\n{}\n";
  CHECK_FALSE(ordered(directory + sentence));
  CHECK(ordered(directory + post + sentence));
  CHECK(ordered("{\"newOrder\":\"https://127.0.0.14:14000/order-plz\"}\n" + post + sentence));
  CHECK(ordered(post + sentence));  // no directory is seen, and something was sent
  CHECK(ordered(directory));        // it ends early: lines are missing
  CHECK(ordered(""));
}

TEST_CASE("another certbot is temporary") {
  const auto failure = read_certbot_failure(
      printed("Saving debug log to x\nAnother instance of Certbot is already running.\nAsk for help or search for "
              "solutions at y\n"),
      "");
  CHECK(failure.sentence == "Another instance of Certbot is already running.");
  CHECK(failure.temporary);
  CHECK_FALSE(failure.ordered);
}

TEST_CASE("a wrong option or a conf that cannot be read is told in certbot's words") {
  CHECK(read_certbot_failure(printed("usage: \n  certbot [...]\ncertbot: error: unrecognized arguments: --x\n"), "")
            .sentence == "certbot: error: unrecognized arguments: --x");
  const std::string conf = "Renewal configuration file /x.conf (cert: mx) produced an unexpected error: y. Skipping.";
  CHECK(read_certbot_failure(printed(conf + "\n0 renew failure(s), 1 parse failure(s)\n"), "").sentence == conf);
  CHECK(read_certbot_failure(printed(""), "").sentence == "certbot did not say why");
}

TEST_CASE("why a challenge failed is among the last lines, though certbot says it on standard output") {
  auto outcome = renewal_failed_with("Some challenges have failed.");
  outcome.out += "Certbot failed to authenticate some domains.\n  Domain: mx.example.com\n  Detail: no such host\n";
  const auto failure = read_certbot_failure(outcome, "");
  CHECK(failure.last_lines.find("\n      Detail: no such host\n    Failed to renew") != std::string::npos);
}

TEST_CASE("a certbot that was ended says nothing, so it is said for it") {
  Outcome outcome;
  outcome.timed_out = true;
  outcome.time_limit = Seconds(1800);
  auto failure = read_certbot_failure(outcome, "");
  CHECK(failure.sentence == "did not end within 30 min");
  CHECK(failure.temporary);
  outcome.timed_out = false;
  outcome.signal = 9;
  failure = read_certbot_failure(outcome, "");
  CHECK(failure.sentence == "ended by signal 9");
  CHECK_FALSE(failure.temporary);
}
