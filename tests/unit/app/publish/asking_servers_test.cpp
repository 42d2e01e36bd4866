#include "app/publish/asking_servers.hpp"

#include "core/check/check_handshakes.hpp"
#include "fakes/small_world.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

// Answers every probe with these addresses.
struct AnsweringProbe : ServerProbe {
  explicit AnsweringProbe(const std::vector<ProbedAddress>& the_addresses) : addresses(the_addresses) {}
  std::vector<ProbeResult> probe(const std::vector<ProbeUrl>& urls, const ProbeProgress& = {}) override {
    std::vector<ProbeResult> results;
    for (const ProbeUrl& url : urls) results.push_back({url, addresses});
    return results;
  }
  const std::vector<ProbedAddress>& addresses;
};

class Probed : public SmallWorld {
 public:
  Probed() {
    world.probe = [this](const Config&) { return std::make_unique<AnsweringProbe>(addresses); };
    place.name = test_owner();
    LineageOn one;
    one.probes = {ProbeUrl::parse("smtp://mx.example.com:25").value()};
    one.presented = {{"it", KnownChain{shared(first.chain)}, {"mx.example.com"}, senders_of({{3, 1, 1}})}};
    place.lineages = {one, one};  // a probe that two lineages share is asked once
  }
  static Handshake handshake(Handshake::Kind kind, ServerName server_name = ServerName::sent) {
    Handshake made;
    made.kind = kind;
    made.server_name = server_name;
    return made;
  }
  [[nodiscard]] Handshake presented(ServerName server_name) const {
    Handshake made = handshake(Handshake::Kind::presented, server_name);
    made.chain = first.chain;
    return made;
  }
  void answer(std::vector<Handshake> handshakes) {
    addresses = {{"192.0.2.25", ProbedAddress::Kind::probed, {}, std::move(handshakes)}};
  }
  Shown shown() { return ask_servers(shop(), place); }

  std::vector<ProbedAddress> addresses;
  Place place;
};

}  // namespace

TEST_CASE_METHOD(Probed, "What a server presents is told apart by whether the name was sent") {
  answer({presented(ServerName::sent), presented(ServerName::not_sent)});
  const Shown found = shown();
  CHECK(found.unknown.empty());
  REQUIRE(found.with_sni.size() == 1);
  REQUIRE(found.without_sni.size() == 1);
  CHECK(found.with_sni.front().hosts == std::vector<std::string>{"mx.example.com"});
  CHECK(found.with_sni.front().senders == senders_of({{3, 1, 1}}));
  CHECK(found.without_sni.front().what.find("without SNI") != std::string::npos);
}

TEST_CASE_METHOD(Probed, "A handshake that fails is an objection, one without a certificate of that kind is none") {
  Handshake broken = handshake(Handshake::Kind::failed);
  broken.why = "the connection was closed";
  answer({presented(ServerName::sent), broken});
  REQUIRE(shown().unknown.size() == 1);
  CHECK(shown().unknown.front().kind == Objection::Kind::probe);
  CHECK(shown().unknown.front().why == "the connection was closed");
  CHECK(shown().with_sni.size() == 1);
}

TEST_CASE_METHOD(Probed, "A first record that a server's refusal for now holds back: the error says how to be let in") {
  Handshake refused = handshake(Handshake::Kind::failed);
  refused.why = "the reply is \"454 4.7.0 too many\"";
  refused.refused_for_now = true;
  refused.own_address = "192.0.2.9";
  answer({refused, handshake(Handshake::Kind::none)});
  Objections objections = shown().unknown;
  REQUIRE(objections.size() == 1);
  Error error = not_begun(shop(), place, objections);
  CHECK(error.hint == how_to_be_let_in("192.0.2.9"));
  CHECK(error.what.find(refused.why) != std::string::npos);
  // What else stands against it has a remedy of its own.
  Handshake broken = handshake(Handshake::Kind::failed);
  broken.why = "the connection was closed";
  answer({refused, broken});
  objections = shown().unknown;
  CHECK(objections.size() == 2);
  error = not_begun(shop(), place, objections);
  CHECK(error.hint.find(how_to_be_let_in("192.0.2.9")) != std::string::npos);
  CHECK(error.hint.find("point the server at") != std::string::npos);
  answer({broken});
  CHECK(not_begun(shop(), place, shown().unknown).hint.find("smtpd_") == std::string::npos);
}

TEST_CASE_METHOD(Probed, "A server that presents no certificate at all is an objection") {
  answer({});
  REQUIRE(shown().unknown.size() == 1);
  CHECK(shown().unknown.front().why == "it presents no certificate at all");
}

TEST_CASE_METHOD(Probed, "An address without a route is left out beside others, and an objection alone") {
  const ProbedAddress without_route{"2001:db8::25", ProbedAddress::Kind::left_out, "no IPv6 route on this host", {}};
  answer({presented(ServerName::sent)});
  addresses.push_back(without_route);
  CHECK(shown().unknown.empty());
  addresses = {without_route};
  REQUIRE(shown().unknown.size() == 1);
  CHECK(shown().unknown.front().why.find("no IPv6 route on this host") != std::string::npos);
}

// Has another chain from a moment on, as a server whose reload takes a while.
struct ReloadingProbe : ServerProbe {
  ReloadingProbe(FakeClock& the_clock, const Milliseconds& the_moment, const Chain& the_old, const Chain& the_new)
      : clock(the_clock), moment(the_moment), before(the_old), after(the_new) {}
  std::vector<ProbeResult> probe(const std::vector<ProbeUrl>& urls, const ProbeProgress& = {}) override {
    Handshake made;
    made.kind = Handshake::Kind::presented;
    made.chain = clock.time.since_boot < moment ? before : after;
    std::vector<ProbeResult> results;
    for (const ProbeUrl& url : urls) {
      results.push_back({url, {{"192.0.2.25", ProbedAddress::Kind::probed, {}, {made}}}});
    }
    return results;
  }
  FakeClock& clock;
  const Milliseconds& moment;
  const Chain& before;
  const Chain& after;
};

class Reloaded : public SmallWorld {
 public:
  Reloaded() {
    world.probe = [this](const Config&) {
      return std::make_unique<ReloadingProbe>(clock, moment, first.chain, second.chain);
    };
    settings.lineages.front().probe = {ProbeUrl::parse("smtp://mx.example.com:25").value()};
    state.name = enrolled().name;
    state.current = CurrentKey{second.chain.leaf().key, 2, {}, {}, clock.time};
    begun = clock.time.since_boot;
  }
  std::string warned() {
    warn_of_other_keys(shop(), enrolled(), state);
    return err.str();
  }
  [[nodiscard]] Milliseconds took() const { return clock.time.since_boot - begun; }

  KeyAndChain second = new_material();
  State state;
  Milliseconds begun{};
  Milliseconds moment{};
};

TEST_CASE_METHOD(Reloaded, "A server that needs a moment for its reload is asked again, and nothing is said") {
  moment = begun + Milliseconds{2500};
  CHECK(warned().empty());
  CHECK(took() < Milliseconds{5000});
}

TEST_CASE_METHOD(Reloaded, "A server that goes on with the old key is named after five seconds") {
  moment = Milliseconds::max();
  CHECK(warned().find("(192.0.2.25) is not seen to present the deployed key: it presents the key") !=
        std::string::npos);
  CHECK(took() == Milliseconds{5000});
}

TEST_CASE_METHOD(Reloaded, "A server that nothing reloads is not waited for") {
  moment = Milliseconds::max();
  settings.lineages.front().reload.clear();
  CHECK(warned().find("put the command into `reload`") != std::string::npos);
  CHECK(took() == Milliseconds{0});
}
