#include "core/check/used_records.hpp"

#include "fakes/looks.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

// mx.example.com is an alias of relay.example.net, and both were looked at.
class Alias {
 public:
  Alias() {
    inspection.hosts.push_back(
        {name("mx.example.com"), Dnssec::secure, {}, {name("mx.example.com"), name("relay.example.net")}});
    const SeenAt seen = LookBuilder(at(0)).server("ns1.example.com", {record_of('a')}).done();
    looks = {seen, seen};
    looks[1].owner = expanded;
    looks[1].chain = {expanded};
    looks[1].resolver_records = {record_of('a')};
  }
  [[nodiscard]] const DnsName& used() const { return UsedRecords(looks, inspection).used(looks, looks.front()).owner; }
  void none_below_the_expanded_name() {
    looks[1].resolver_records.clear();
    looks[1].answers.front().records.clear();
  }

  const DnsName expanded = name("_25._tcp.relay.example.net");
  Inspection inspection;
  std::vector<OwnerLook> looks;
};

}  // namespace

TEST_CASE_METHOD(Alias, "Senders use the records below the expanded name, and the alias's where there are none") {
  CHECK(used() == expanded);
  none_below_the_expanded_name();
  CHECK(used() == test_owner());
  looks[1].answers.front().records = {record_of('a')};  // the resolver has not heard of them yet
  CHECK(used() == expanded);
}

TEST_CASE_METHOD(Alias, "A look-up below the expanded name that fails is not one that finds nothing") {
  none_below_the_expanded_name();
  for (const Dnssec dnssec : {Dnssec::bogus, Dnssec::unknown}) {
    looks[1].dnssec = dnssec;
    CHECK(used() == expanded);
  }
  looks[1].dnssec = Dnssec::insecure;
  CHECK(used() == test_owner());
}

TEST_CASE_METHOD(Alias, "Only an alias that is secure to its end is followed") {
  const UsedRecords followed(looks, inspection);
  CHECK(followed.first(test_owner()) == expanded);
  CHECK(followed.first(expanded) == expanded);
  CHECK(followed.not_looked_at({looks.front()}) == std::vector<DnsName>{expanded});
  CHECK(followed.not_looked_at(looks).empty());
  for (const Dnssec dnssec : {Dnssec::insecure, Dnssec::bogus, Dnssec::unknown}) {
    inspection.hosts.front().addresses = dnssec;
    CHECK(used() == test_owner());
  }
  inspection.hosts.front() = {name("mx.example.com"), Dnssec::secure, {}, {}};
  CHECK(used() == test_owner());
}
