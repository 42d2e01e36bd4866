#include "core/check/check_delegation.hpp"

#include "fakes/looks.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

// The zone names ns1 (192.0.2.1) and ns2 (192.0.2.2); so does its parent.
class Delegated {
 public:
  Delegated() {
    look = LookBuilder(at(0)).server("ns1.example.com", {}).server("ns2.example.com", {}).done();
    zone().delegation =
        Delegation{name("com"), {{name("ns1.example.com"), {"192.0.2.1"}}, {name("ns2.example.com"), {"192.0.2.2"}}}};
  }
  ZoneServers& zone() { return look.zones.front(); }
  std::vector<DelegatedServer>& delegated() { return zone().delegation->servers; }
  [[nodiscard]] std::vector<std::string> differences() { return delegation_differences(look, zone()); }

  OwnerLook look;
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE_METHOD(Delegated, "A delegation to the servers of the zone is no finding") {
  CHECK(check_delegation(look).empty());
}

TEST_CASE_METHOD(Delegated, "A parent that did not tell is no finding: what differs is not known") {
  zone().delegation.reset();
  CHECK(check_delegation(look).empty());
}

TEST_CASE_METHOD(Delegated, "A server that only the parent names is a finding with what to do") {
  zone().servers = {name("ns1.example.com")};
  CHECK(differences() == Texts{"only com names ns2.example.com"});
  const auto found = check_delegation(look);
  REQUIRE(found.size() == 1);
  CHECK(found.front().id == FindingId::delegation_differs);
  CHECK(found.front().severity == Severity::warning);
  CHECK(found.front().owner == test_owner().text());
  CHECK(found.front().message ==
        "com delegates example.com to other name servers than the zone names: only com names ns2.example.com");
  CHECK_FALSE(found.front().remedy.empty());
}

TEST_CASE_METHOD(Delegated, "A server that only the zone names is one, too") {
  delegated().pop_back();
  CHECK(differences() == Texts{"only the zone names ns2.example.com"});
}

TEST_CASE_METHOD(Delegated, "Glue that the server's name has not, and an address below the zone without glue") {
  delegated().front().glue = {"192.0.2.9"};
  CHECK(differences() == Texts{"the glue of ns1.example.com has 192.0.2.9, the name has not",
                               "ns1.example.com has 192.0.2.1, its glue has not"});
  look.answers.front().address = "192.0.2.9";
  CHECK(differences().empty());
  look.answers.front().by_parent_alone = true;  // then it is glue, and what the name has is not known
  CHECK(differences().empty());
}

TEST_CASE_METHOD(Delegated,
                 "Outside the zone no glue is needed, and of a name whose addresses are not known none differs") {
  const DnsName outside = name("ns.example.net");
  zone().servers.front() = outside;
  delegated().front() = {outside, {}};
  look.answers.front().server = outside;
  CHECK(differences().empty());
  delegated().front().glue = {"192.0.2.7"};
  CHECK(differences() == Texts{"the glue of ns.example.net has 192.0.2.7, the name has not"});
  look.answers.front().address.clear();
  CHECK(differences().empty());
}
