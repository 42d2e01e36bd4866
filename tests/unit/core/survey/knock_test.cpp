#include "core/survey/knock.hpp"
#include "fakes/test_ca.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

const WallTime now = parse_rfc3339("2026-01-01T00:00:00Z").value();

Chain chain_of(const std::string& key) {
  return parse_chain(self_signed(key, {"mx.example.org"})).value();
}

Association of_key(const Chain& chain) {
  return {Group{3, 1, 1}, chain.leaf().key.sha256};
}

ProbedAddress shown(const std::vector<Chain>& chains) {
  ProbedAddress address{"192.0.2.1", ProbedAddress::Kind::probed, {}, {}};
  for (const Chain& chain : chains) {
    Handshake handshake;
    handshake.kind = Handshake::Kind::presented;
    handshake.reached = Handshake::Reached::tls;
    handshake.chain = chain;
    address.handshakes.push_back(handshake);
  }
  return address;
}

Knock knock_at(const ProbedAddress& address, const RRset& records) {
  return judge_knock(address, {records, {"mx.example.org"}, now});
}

}  // namespace

TEST_CASE("A knock is verified when each chain that is shown passes") {
  const Chain one = chain_of(test_key());
  const Chain other = chain_of(test_key());
  const Knock both = knock_at(shown({one, other}), {of_key(one), of_key(other)});
  CHECK(both.verdict == Knock::Verdict::verified);
  CHECK(both.served.size() == 2);
  CHECK_FALSE(both.mixed);
  const Knock half = knock_at(shown({one, other}), {of_key(one)});
  CHECK(half.verdict == Knock::Verdict::mismatch);
  CHECK(half.served == RRset{of_key(one)});
}

TEST_CASE("A record of another group that matches nothing makes a knock mixed, the next key's does not") {
  const Chain chain = chain_of(test_key());
  const Association next{Group{3, 1, 1}, std::string(64, 'a')};
  const Association retired{Group{2, 1, 1}, std::string(64, 'b')};
  CHECK_FALSE(knock_at(shown({chain}), {of_key(chain), next}).mixed);
  const Knock mixed = knock_at(shown({chain}), {retired, of_key(chain)});
  CHECK(mixed.verdict == Knock::Verdict::verified);
  CHECK(mixed.mixed);
}

TEST_CASE("Without a chain a knock says how far it came, without an address why") {
  ProbedAddress refused{"192.0.2.1", ProbedAddress::Kind::probed, {}, {}};
  Handshake handshake;
  handshake.why = "connection refused";
  refused.handshakes = {handshake};
  CHECK(knock_at(refused, {}).verdict == Knock::Verdict::no_handshake);
  CHECK(knock_at(refused, {}).why == "connection refused");
  const ProbedAddress nowhere{"2001:db8::1", ProbedAddress::Kind::failed, "no route", {}};
  CHECK(knock_at(nowhere, {}).verdict == Knock::Verdict::not_probed);
  CHECK(knock_at(nowhere, {}).why == "no route");
}
