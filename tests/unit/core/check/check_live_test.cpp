#include "core/check/check_live.hpp"

#include "fakes/looks.hpp"
#include "fakes/test_chain.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

// A server at mx.example.lab with one certificate for all who ask, and its record published.
class Server {
 public:
  Server() {
    result.url = ProbeUrl::parse("smtp://mx.example.lab:25").value();
    ProbedAddress address;
    address.kind = ProbedAddress::Kind::probed;
    address.address = "192.0.2.25";
    for (const auto keys : {OfferedKeys::rsa, OfferedKeys::ecdsa}) {
      for (const auto sni : {ServerName::sent, ServerName::not_sent}) {
        Handshake handshake;
        handshake.offered = keys;
        handshake.server_name = sni;
        handshake.kind = keys == OfferedKeys::rsa ? Handshake::Kind::none : Handshake::Kind::presented;
        handshake.reached = Handshake::Reached::tls;
        if (keys == OfferedKeys::ecdsa) {
          handshake.chain = served;
          handshake.protocol = "TLSv1.3";
        }
        address.handshakes.push_back(handshake);
      }
    }
    result.addresses.push_back(address);
  }
  LiveReport report(const OwnerLook& look) {
    return check_live({result, "", look, lineages, served.leaf().not_before + std::chrono::hours{1}});
  }
  LiveReport with_records(const std::vector<std::string>& texts) {
    RRset records;
    for (const std::string& text : texts) records.push_back(record(text));
    return report(LookBuilder(at(0)).server("ns1.example.com", records).done());
  }
  std::vector<Handshake>& handshakes() { return result.addresses.front().handshakes; }
  void all_fail(Handshake::Reached reached, const std::string& why) {
    for (Handshake& handshake : handshakes()) {
      handshake.kind = Handshake::Kind::failed;
      handshake.reached = reached;
      handshake.why = why;
      handshake.chain.certificates.clear();
    }
  }
  [[nodiscard]] std::string own() const { return "3 1 1 " + served.leaf().key.sha256; }
  static std::string other(char digit = 'a') { return "3 1 1 " + std::string(64, digit); }

  Chain served = new_chain();
  ProbeResult result;
  std::vector<LineageFacts> lineages;
};

void check_only(const LiveReport& report, FindingId id, Severity severity) {
  REQUIRE(report.findings.size() == 1);
  CHECK(to_text(report.findings.front().id) == to_text(id));
  CHECK(report.findings.front().severity == severity);
  CHECK(report.findings.front().endpoint == "smtp://mx.example.lab:25");
}

}  // namespace

TEST_CASE_METHOD(Server, "A server that presents what is published is verified") {
  const LiveReport report = with_records({own(), other()});
  CHECK(report.findings.empty());
  REQUIRE(report.endpoints.size() == 1);
  CHECK(report.endpoints.front().verdict == EndpointView::Verdict::verified);
  CHECK(report.endpoints.front().groups == std::map<Group, bool>{{Group{3, 1, 1}, true}});
  CHECK(report.endpoints.front().protocol == "TLSv1.3");
}

TEST_CASE_METHOD(Server, "A server whose key no record has is critical, and the key is named") {
  const LiveReport report = with_records({other()});
  check_only(report, FindingId::tlsa_mismatch, Severity::critical);
  CHECK(report.findings.front().message.find(served.leaf().key.sha256) != std::string::npos);
  CHECK(report.endpoints.front().verdict == EndpointView::Verdict::mismatch);
}

TEST_CASE_METHOD(Server, "Records on one name server that do not match are critical: some senders see them") {
  const LiveReport report = this->report(LookBuilder(at(0))
                                             .server("ns1.example.com", {record(own())})
                                             .server("ns2.example.com", {record(other())})
                                             .done());
  check_only(report, FindingId::tlsa_mismatch, Severity::critical);
}

TEST_CASE_METHOD(Server, "Another certificate only for those who send no name is a warning") {
  const Chain without = new_chain();
  for (Handshake& handshake : handshakes()) {
    if (handshake.server_name == ServerName::not_sent && handshake.kind == Handshake::Kind::presented) {
      handshake.chain = without;
    }
  }
  const LiveReport report = with_records({own()});
  check_only(report, FindingId::tlsa_mismatch_without_sni, Severity::warning);
  CHECK(report.endpoints.front().verdict == EndpointView::Verdict::verified);
}

TEST_CASE_METHOD(Server, "Without records a server is not verified, and that is no finding of the server") {
  const LiveReport report = with_records({});
  CHECK(report.findings.empty());
  CHECK(report.endpoints.front().verdict == EndpointView::Verdict::no_dane);
}

TEST_CASE_METHOD(Server, "Unknown records leave the server unknown") {
  const LiveReport report = this->report(no_answer(at(0)));
  CHECK(report.findings.empty());
  CHECK(report.endpoints.front().verdict == EndpointView::Verdict::unknown);
}

TEST_CASE_METHOD(Server, "How far a failed probe came tells what is wrong") {
  const auto id_at = [&](Handshake::Reached reached) {
    all_fail(reached, "some reason");
    const LiveReport report = with_records({own()});
    REQUIRE(report.findings.size() == 1);
    CHECK(report.findings.front().severity == Severity::critical);
    CHECK(report.endpoints.front().verdict == EndpointView::Verdict::no_handshake);
    return report.findings.front().id;
  };
  CHECK(id_at(Handshake::Reached::nothing) == FindingId::connect_failed);
  CHECK(id_at(Handshake::Reached::connected) == FindingId::greeting_failed);
  CHECK(id_at(Handshake::Reached::greeted) == FindingId::starttls_missing);
  CHECK(id_at(Handshake::Reached::tls) == FindingId::handshake_failed);
}

TEST_CASE_METHOD(Server, "STARTTLS that is missing where no record asks for it is a warning") {
  all_fail(Handshake::Reached::greeted, "STARTTLS is not offered");
  check_only(with_records({}), FindingId::starttls_missing, Severity::warning);
}

TEST_CASE_METHOD(Server, "A handshake that fails beside others that do not is a warning") {
  handshakes().front().kind = Handshake::Kind::failed;
  handshakes().front().why = "connection reset";
  check_only(with_records({own()}), FindingId::handshake_failed, Severity::warning);
}

TEST_CASE_METHOD(Server, "An old protocol is a warning") {
  for (Handshake& handshake : handshakes()) {
    if (handshake.kind == Handshake::Kind::presented) handshake.protocol = "TLSv1.1";
  }
  check_only(with_records({own()}), FindingId::old_protocol, Severity::warning);
}

TEST_CASE_METHOD(Server, "A chain without its intermediate is a warning for usage 3 and misses the anchor of usage 2") {
  for (Handshake& handshake : handshakes()) {
    if (handshake.kind == Handshake::Kind::presented) handshake.chain.certificates.resize(1);
  }
  check_only(with_records({own()}), FindingId::served_chain_incomplete, Severity::warning);
  const LiveReport report = with_records({"2 1 1 " + served.certificates[1].key.sha256});
  const auto has = [&](FindingId id, Severity severity) {
    return std::any_of(report.findings.begin(), report.findings.end(),
                       [&](const Finding& finding) { return finding.id == id && finding.severity == severity; });
  };
  CHECK(has(FindingId::ta_not_sent, Severity::critical));
  CHECK(has(FindingId::tlsa_mismatch, Severity::critical));
}

TEST_CASE_METHOD(Server, "Records 3 1 1 and 2 1 1 that both match raise no alarm, and one that does not is told") {
  const std::string anchor = "2 1 1 " + served.certificates[1].key.sha256;
  CHECK(with_records({own(), anchor}).findings.empty());
  const LiveReport report = with_records({own(), "2 1 1 " + std::string(64, 'b')});
  check_only(report, FindingId::ta_not_sent, Severity::warning);
  CHECK(report.endpoints.front().verdict == EndpointView::Verdict::verified);
  CHECK_FALSE(report.endpoints.front().groups.at(Group{2, 1, 1}));
}

TEST_CASE_METHOD(Server, "A key that was current before means a missed reload, one of another host nothing") {
  LineageConfig lineage;
  lineage.name = "mx.example.lab";
  Facts facts;
  facts.deployed = DeployedFact{2, new_chain()};
  lineages.push_back({lineage, facts});
  CHECK(with_records({own()}).findings.empty());
  facts.state.known = {{served.leaf().key, KnownKey::Names::server, KnownKey::Deployed::once, at(0)}};
  check_only(with_records({own()}), FindingId::other_key_served, Severity::warning);
}

TEST_CASE_METHOD(Server, "A key of another lineage here is named, and never called unknown") {
  LineageConfig lineage;
  lineage.name = "ours";
  Facts facts;
  facts.deployed = DeployedFact{2, new_chain()};
  lineages.push_back({lineage, facts});
  const OwnerLook look = LookBuilder(at(0)).server("ns1.example.com", RRset{}).done();
  const std::string own_lineage = "ours";
  LiveCheck check{result, own_lineage, look, lineages, served.leaf().not_before + std::chrono::hours{1}};
  check.holder = [](const KeyId&) { return std::string("neighbour"); };
  const LiveReport report = check_live(check);
  check_only(report, FindingId::other_key_served, Severity::warning);
  CHECK(report.findings.front().message.find("which is one of neighbour,") != std::string::npos);
  check.holder = [](const KeyId&) { return std::string(); };
  CHECK(check_live(check).findings.front().message.find("no lineage here knows") != std::string::npos);
}

TEST_CASE_METHOD(Server, "The next key at a server is one too early") {
  LineageConfig lineage;
  Facts facts;
  facts.deployed = DeployedFact{1, new_chain()};
  facts.next = NextFact{served.leaf().key, std::nullopt, {}};
  lineages.push_back({lineage, facts});
  check_only(with_records({own()}), FindingId::other_key_served, Severity::warning);
}

TEST_CASE_METHOD(Server, "An address that is left out is shown, and a finding only when no other was asked") {
  ProbedAddress without_route;
  without_route.kind = ProbedAddress::Kind::left_out;
  without_route.address = "2001:db8::25";
  without_route.why = "no IPv6 route on this host";
  result.addresses.push_back(without_route);
  const LiveReport beside = with_records({own()});
  CHECK(beside.findings.empty());
  CHECK(beside.endpoints.back().verdict == EndpointView::Verdict::left_out);
  result.addresses.erase(result.addresses.begin());
  check_only(with_records({own()}), FindingId::endpoint_not_asked, Severity::unknown);
}

TEST_CASE_METHOD(Server, "A host without an address is critical") {
  result.addresses.front() = {"", ProbedAddress::Kind::failed, "mx.example.lab has no address", {}};
  check_only(with_records({own()}), FindingId::host_without_address, Severity::critical);
}

TEST_CASE_METHOD(Server, "A host that cannot be looked up since this host has no resolver is unknown") {
  result.addresses.front() = {"", ProbedAddress::Kind::failed, "no answer within 5 s", {}};
  OwnerLook look = no_answer(at(0));
  look.unanswered = OwnerLook::Unanswered::resolver;
  check_only(report(look), FindingId::endpoint_not_asked, Severity::unknown);
}
