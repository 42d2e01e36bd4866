#include "core/check/second_opinion.hpp"

#include "core/check/check_dns.hpp"
#include "fakes/looks.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

// An owner and its host, as they were seen in one way.
struct Seen {
  Seen() {
    look = LookBuilder(at(0)).server("ns1.example.com", {record_of('a'), record_of('b')}).done();
    inspection.hosts.push_back({name("mx.example.com"), Dnssec::secure, {}, {}});
    inspection.mx.push_back({name("example.com"), name("mx.example.com"), Dnssec::secure});
  }
  Seen& owner(Dnssec dnssec, OwnerLook::Unanswered unanswered = OwnerLook::Unanswered::no) {
    look.dnssec = dnssec;
    look.unanswered = unanswered;
    look.why = "as " + std::string(to_text(dnssec));
    look.answers.clear();
    return *this;
  }
  Seen& host(Dnssec dnssec) {
    inspection.hosts.front().addresses = dnssec;
    return *this;
  }
  operator DnsSight() const { return {look, inspection}; }

  OwnerLook look;
  Inspection inspection;
};

}  // namespace

TEST_CASE("Only what would be CRITICAL for DNSSEC is looked at a second time") {
  CHECK_FALSE(is_held_by_dnssec(Seen()));
  CHECK_FALSE(is_held_by_dnssec(Seen().owner(Dnssec::insecure)));
  CHECK_FALSE(is_held_by_dnssec(Seen().host(Dnssec::insecure)));
  CHECK_FALSE(is_held_by_dnssec(Seen().owner(Dnssec::unknown, OwnerLook::Unanswered::resolver)));
  CHECK(is_held_by_dnssec(Seen().owner(Dnssec::bogus)));
  CHECK(is_held_by_dnssec(Seen().host(Dnssec::bogus)));
  CHECK(is_held_by_dnssec(Seen().owner(Dnssec::unknown, OwnerLook::Unanswered::by_error)));
  CHECK(is_held_by_dnssec(Seen().owner(Dnssec::unknown, OwnerLook::Unanswered::by_silence)));
}

TEST_CASE("The root overrules the resolver where it shows less, and leaves nothing open") {
  const Seen split = Seen().owner(Dnssec::bogus).host(Dnssec::bogus);
  CHECK(overrules(Seen(), split));
  CHECK(overrules(Seen().owner(Dnssec::insecure), split));
  CHECK(overrules(Seen().host(Dnssec::bogus), split));
  CHECK_FALSE(overrules(split, split));
  CHECK_FALSE(overrules(Seen().host(Dnssec::unknown), split));
  CHECK_FALSE(overrules(Seen().owner(Dnssec::unknown, OwnerLook::Unanswered::resolver), split));
  CHECK_FALSE(overrules(Seen().owner(Dnssec::unknown, OwnerLook::Unanswered::by_silence), Seen().host(Dnssec::bogus)));
}

TEST_CASE("That the resolver differs is told once, for all owners and domains") {
  const auto differs = [](const std::string& owner) { return resolver_differs(owner, Dnssec::secure, "bogus"); };
  const Finding other{FindingId::ttl_short, Severity::warning, {}, "_587._tcp.mx.example.com"};
  Finding of_domain = differs({});
  of_domain.domain = "example.com";
  const auto told = with_one_differing({other, differs("_25._tcp.mx.example.com"), of_domain, other,
                                        differs("_587._tcp.mx.example.com"), differs("_25._tcp.mx.example.com")});
  REQUIRE(told.size() == 3);
  CHECK(told[1].owner == "_25._tcp.mx.example.com");
  CHECK(told[1].message == differs({}).message + "; the same is true of _587._tcp.mx.example.com, example.com");
  const auto alone = with_one_differing({differs("_25._tcp.mx.example.com"), other});
  REQUIRE(alone.size() == 2);
  CHECK(alone[0].message == differs({}).message);
}

TEST_CASE("What is added to a CRITICAL says what the root showed, or that it could not be asked") {
  const Seen split = Seen().owner(Dnssec::bogus);
  CHECK(left_open_by(split, split).empty());
  const std::string none = left_open_by(Seen().owner(Dnssec::unknown, OwnerLook::Unanswered::resolver), split);
  CHECK(none.find("a look from the root, without it, could not be made: as unknown") != std::string::npos);
  const std::string other = left_open_by(Seen().owner(Dnssec::unknown, OwnerLook::Unanswered::by_silence), split);
  CHECK(other.find("from the root, without the resolver of this host: nobody answers") != std::string::npos);
  const auto findings = with_reservation(check_dns({split.look, split.inspection, {}, {}}), none);
  REQUIRE(findings.size() == 1);
  CHECK(findings.front().message.ends_with(none));
}

TEST_CASE("What the root shows takes the place of what the resolver showed of this owner and its host alone") {
  Seen by_resolver = Seen().host(Dnssec::bogus);
  by_resolver.inspection.hosts.push_back({name("mx.example.net"), Dnssec::bogus, {}, {}});
  by_resolver.inspection.denied.push_back({test_owner(), name("_tcp.mx.example.com"), name("ns1.example.com"), {}});
  Seen from_root;
  from_root.inspection.serials.push_back({name("example.com"), name("ns1.example.com"), "192.0.2.1", 7, {}});
  put_in_place(by_resolver.inspection, from_root);
  REQUIRE(by_resolver.inspection.hosts.size() == 2);
  CHECK(by_resolver.inspection.hosts[0].host == name("mx.example.net"));
  CHECK(by_resolver.inspection.hosts[1].addresses == Dnssec::secure);
  CHECK(by_resolver.inspection.mx.size() == 1);
  CHECK(by_resolver.inspection.denied.empty());
  CHECK(by_resolver.inspection.serials.size() == 1);
}
