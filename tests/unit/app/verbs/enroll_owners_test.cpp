#include "app/verbs/enroll_owners.hpp"

#include "fakes/small_world.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

// mail.example.com is an alias of mx.example.com.
class Enrolling : public SmallWorld {
 public:
  Enrolling() {
    inspection.hosts = {{name("mail.example.com"),
                         Dnssec::secure,
                         {},
                         {name("mail.example.com"), name("relay.example.net"), name("mx.example.com")}},
                        {name("mx.example.com"), Dnssec::secure, {}, {}}};
  }
  Status find(const std::vector<std::string>& tlsa, const std::vector<std::string>& probe) {
    wanted.tlsa.clear();
    wanted.probe.clear();
    for (const std::string& text : tlsa) wanted.tlsa.push_back(name(text));
    for (const std::string& text : probe) wanted.probe.push_back(ProbeUrl::parse(text).value());
    return find_owners(shop(), wanted, "lineages/mx.toml");
  }
  LineageConfig wanted;
};

}  // namespace

TEST_CASE_METHOD(Enrolling, "Where the host of a probe is an alias, owner and probe are of the expanded name") {
  REQUIRE(find({}, {"smtp://mail.example.com:25@192.0.2.25", "smtp://mx.example.com:25"}).ok());
  CHECK(wanted.tlsa == std::vector<DnsName>{test_owner()});
  CHECK(wanted.probe.front().text() == "smtp://mx.example.com:25@192.0.2.25");
  CHECK(out.str() ==
        "mail.example.com is an alias of mx.example.com: senders look for records at _25._tcp.mx.example.com first, so "
        "owner and probe are of that name\n");
  CHECK(err.str().empty());
}

TEST_CASE_METHOD(Enrolling, "A person who names the owner below an alias is obeyed and told") {
  REQUIRE(find({"_25._tcp.mail.example.com"}, {"smtp://mail.example.com:25"}).ok());
  CHECK(wanted.tlsa == std::vector<DnsName>{name("_25._tcp.mail.example.com")});
  CHECK(wanted.probe.front().host == name("mail.example.com"));
  CHECK(err.str().find("put \"_25._tcp.mx.example.com\" in place of \"_25._tcp.mail.example.com\"") !=
        std::string::npos);
}

TEST_CASE_METHOD(Enrolling, "Who names the expanded owner, too, needs to be told nothing") {
  REQUIRE(find({"_25._tcp.mail.example.com", test_owner().text()}, {"smtp://mx.example.com:25"}).ok());
  CHECK(err.str().empty());
}

TEST_CASE_METHOD(Enrolling, "Where it is not known whether the host is an alias, no owner is guessed") {
  for (const Dnssec dnssec : {Dnssec::unknown, Dnssec::bogus}) {
    inspection.hosts.front().addresses = dnssec;
    inspection.hosts.front().why = "no answer";
    const Status found = find({}, {"smtp://mail.example.com:25"});
    REQUIRE_FALSE(found.ok());
    CHECK(found.error().kind == ErrorKind::not_yet);
    CHECK(found.error().what.find("not known whether mail.example.com is an alias") != std::string::npos);
    CHECK(find({"_25._tcp.mail.example.com"}, {"smtp://mail.example.com:25"}).ok());
  }
}

TEST_CASE_METHOD(Enrolling, "An alias that is not signed to its end keeps its own owner") {
  inspection.hosts.front().addresses = Dnssec::insecure;
  REQUIRE(find({}, {"smtp://mail.example.com:25"}).ok());
  CHECK(wanted.tlsa == std::vector<DnsName>{name("_25._tcp.mail.example.com")});
}

TEST_CASE_METHOD(Enrolling, "A host without an address: the file and the keys to correct are named") {
  inspection.hosts = {{name("mx.exmaple.com"), Dnssec::secure, {}, {}}};
  inspection.hosts.front().has_address = false;
  REQUIRE(find({}, {"smtp://mx.exmaple.com:25"}).ok());
  CHECK(err.str().find("is the name right? if not, correct `tlsa` and `probe` in lineages/mx.toml before anything is "
                       "published; if it is, give the host its address") != std::string::npos);
}
