#include "core/check/check_dns.hpp"

#include "core/check/check_host.hpp"
#include "fakes/looks.hpp"

#include <catch2/catch.hpp>

using namespace danectl;
using std::chrono::hours;

namespace {

constexpr Seconds an_hour{3600};

// An owner as it should be: two servers that agree, signatures for two weeks, a host in a signed zone.
class Healthy {
 public:
  Healthy() {
    look = LookBuilder(at(0))
               .server("ns1.example.com", {record_of('a'), record_of('b')}, an_hour)
               .server("ns2.example.com", {record_of('a'), record_of('b')}, an_hour)
               .done();
    for (ServerAnswer& answer : look.answers) {
      answer.signature_ends = at(0).wall + hours{24 * 14};
      answer.octets = 400;
      inspection.serials.push_back({answer.zone, answer.server, answer.address, 7, {}});
    }
    inspection.hosts.push_back({name("mx.example.com"), Dnssec::secure, {}, {}});
    inspection.mx.push_back({name("example.com"), name("mx.example.com"), Dnssec::secure});
  }
  [[nodiscard]] std::vector<Finding> findings() const { return check_dns({look, inspection, hold_down, at(0).wall}); }
  // The only one.
  [[nodiscard]] Finding only(FindingId id, Severity severity) const {
    const auto found = findings();
    REQUIRE(found.size() == 1);
    CHECK(to_text(found.front().id) == to_text(id));
    CHECK(found.front().severity == severity);
    CHECK(found.front().owner == "_25._tcp.mx.example.com");
    CHECK_FALSE(found.front().message.empty());
    CHECK_FALSE(found.front().remedy.empty());
    return found.front();
  }
  [[nodiscard]] Finding warning(FindingId id) const { return only(id, Severity::warning); }
  [[nodiscard]] Finding critical(FindingId id) const { return only(id, Severity::critical); }

  void not_secure(Dnssec dnssec, const std::string& why, OwnerLook::Unanswered unanswered = OwnerLook::Unanswered::no) {
    look.dnssec = dnssec;
    look.why = why;
    look.unanswered = unanswered;
    look.answers.clear();
  }
  // The second server gives no answer that counts.
  ServerAnswer& second_is_unknown(const std::string& why) {
    ServerAnswer& answer = look.answers.back();
    answer.kind = ServerAnswer::Kind::unknown;
    answer.why = why;
    answer.records.clear();
    return answer;
  }
  void records(const RRset& rrset) {
    for (ServerAnswer& answer : look.answers) answer.records = rrset;
    look.resolver_records = rrset;
  }
  void ttl(Seconds seconds) {
    for (ServerAnswer& answer : look.answers) answer.ttl = seconds;
  }

  OwnerLook look;
  Inspection inspection;
  Seconds hold_down = 2 * an_hour;
};

bool says(const Finding& finding, const std::string& words) {
  return finding.message.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE_METHOD(Healthy, "A healthy owner has no finding in DNS") {
  CHECK(findings().empty());
}

TEST_CASE_METHOD(Healthy, "An owner behind an alias in another zone has no finding in DNS") {
  const DnsName target = name("tlsa.example.net");
  look.chain.push_back(target);
  std::vector<ServerAnswer> targets = look.answers;
  for (ServerAnswer& answer : look.answers) {
    answer.cname = target;
    answer.records.clear();
  }
  for (ServerAnswer& answer : targets) {
    answer.qname = target;
    answer.zone = name("example.net");
    answer.ttl = 2 * an_hour;
    look.answers.push_back(answer);
  }
  inspection.serials.push_back({name("example.net"), name("ns1.example.net"), "192.0.2.9", 8, {}});
  CHECK(findings().empty());
}

TEST_CASE_METHOD(Healthy, "A resolver that cannot be used leaves all unknown, and is told once") {
  not_secure(Dnssec::unknown, "the root could not be looked up: no answer within 5 s", OwnerLook::Unanswered::resolver);
  inspection.hosts.front().addresses = Dnssec::unknown;
  CHECK(says(only(FindingId::resolver_unusable, Severity::unknown), "no answer within 5 s"));
}

TEST_CASE_METHOD(Healthy, "A look-up that fails and one that nobody answers are critical, each by its name") {
  not_secure(Dnssec::unknown, "the resolver answers SERVFAIL", OwnerLook::Unanswered::by_error);
  CHECK(says(critical(FindingId::lookup_failed), "SERVFAIL"));
  not_secure(Dnssec::unknown, "no answer within 5 s", OwnerLook::Unanswered::by_silence);
  CHECK(says(critical(FindingId::lookup_timeout), "no answer within 5 s"));
}

TEST_CASE_METHOD(Healthy, "A bogus answer is critical, with the resolver's reason") {
  not_secure(Dnssec::bogus, "validation failure <_25._tcp.mx.example.com. TLSA IN>: signature expired from 192.0.2.1");
  CHECK(says(critical(FindingId::bogus), "signature expired from 192.0.2.1"));
}

TEST_CASE_METHOD(Healthy,
                 "Signatures of the root that are not of this time mean the clock, whatever the look made of it") {
  const std::string trust_anchor =
      "does not validate the root: bogus: signature expired from 192.0.2.1 for trust anchor ";
  not_secure(Dnssec::unknown, trust_anchor + ". while building chain of trust");
  CHECK(says(critical(FindingId::clock_off), "signature expired"));
  not_secure(Dnssec::bogus, "validation failure <. DNSKEY IN>: signature before inception date");
  CHECK(says(critical(FindingId::clock_off), "before inception"));
  not_secure(Dnssec::bogus, trust_anchor + "example.com. while building chain of trust");
  CHECK(says(critical(FindingId::bogus), "signature expired"));
  not_secure(Dnssec::bogus, "validation failure <. DNSKEY IN>: signature crypto failed");
  CHECK(says(critical(FindingId::bogus), "crypto failed"));
}

TEST_CASE_METHOD(Healthy, "An owner that is not signed is a warning that names where signing ends") {
  not_secure(Dnssec::insecure, "_25._tcp.mx.example.com is an alias of t.example.net, which is not in a signed zone");
  look.insecure_at = name("t.example.net");
  CHECK(warning(FindingId::not_signed).remedy.find("t.example.net") != std::string::npos);
}

TEST_CASE_METHOD(Healthy, "No record, and none of use, are two findings") {
  records({});
  static_cast<void>(warning(FindingId::no_records));
  records({record("1 1 1 " + std::string(64, 'a'))});
  CHECK(says(warning(FindingId::no_usable_records), "usage 1"));
  records({Association{{3, 1, 1}, "abcd"}});
  CHECK(says(warning(FindingId::no_usable_records), "2 octets"));
}

TEST_CASE_METHOD(Healthy, "Usage 1 is of use where nobody sends mail") {
  look.owner = name("_443._tcp.mx.example.com");
  records({record("1 1 1 " + std::string(64, 'a'))});
  CHECK(findings().empty());
}

TEST_CASE_METHOD(Healthy, "Records that one server alone has are records") {
  records({});
  look.answers.front().records = {record_of('a')};
  static_cast<void>(warning(FindingId::servers_disagree));
}

TEST_CASE_METHOD(Healthy, "A name above the owner that a server denies is a warning with its address") {
  inspection.denied.push_back(
      {name("_25._tcp.other.example.com"), name("_tcp.other.example.com"), name("ns1.example.com"), "192.0.2.1"});
  CHECK(findings().empty());
  inspection.denied.push_back({look.owner, name("_tcp.mx.example.com"), name("ns1.example.com"), "192.0.2.1"});
  const Finding found = warning(FindingId::nxdomain_above);
  CHECK(found.address == "192.0.2.1");
  CHECK(says(found, "ns1.example.com (192.0.2.1) answers NXDOMAIN for _tcp.mx.example.com"));
}

TEST_CASE_METHOD(Healthy, "A server that answers for its zone and not for TLSA is told from one that is silent") {
  second_is_unknown("no answer within 5 s");
  const Finding found = warning(FindingId::server_without_tlsa);
  CHECK(found.address == "192.0.2.2");
  CHECK(says(found, "ns2.example.com (192.0.2.2) answers for example.com"));
  CHECK(says(found, "no answer within 5 s"));
  inspection.serials.back().serial.reset();
  CHECK(says(warning(FindingId::server_silent), "ns2.example.com (192.0.2.2) gives no answer for example.com"));
}

TEST_CASE_METHOD(Healthy, "A server that could not be looked up is not told to be silent") {
  second_is_unknown("the address of ns2.example.com could not be looked up: SERVFAIL").address.clear();
  const Finding found = warning(FindingId::server_silent);
  CHECK(found.address.empty());
  CHECK(found.message == "the address of ns2.example.com could not be looked up: SERVFAIL");
  CHECK(found.remedy.starts_with("have this host look up and ask every name server of example.com"));
}

TEST_CASE_METHOD(Healthy, "The serial of another address of a server does not speak for this one") {
  second_is_unknown("no answer within 5 s");
  inspection.serials.back().address = "2001:db8::2";
  static_cast<void>(warning(FindingId::server_silent));
}

TEST_CASE_METHOD(Healthy, "A server whose answer does not validate is neither silent nor without TLSA") {
  second_is_unknown("signature expired").dnssec = Dnssec::bogus;
  CHECK(says(warning(FindingId::server_invalid), "signature expired"));
  look.answers.back().dnssec = Dnssec::insecure;
  static_cast<void>(warning(FindingId::server_invalid));
}

TEST_CASE_METHOD(Healthy, "A server is told once, of however many names of the chain it was asked") {
  ServerAnswer again = second_is_unknown("no answer within 5 s");
  again.qname = name("alias.example.com");
  look.answers.push_back(again);
  static_cast<void>(warning(FindingId::server_without_tlsa));
}

TEST_CASE_METHOD(Healthy, "A server that is left out is no finding") {
  second_is_unknown("in [dns] ignore").kind = ServerAnswer::Kind::left_out;
  inspection.serials.pop_back();
  CHECK(findings().empty());
}

TEST_CASE_METHOD(Healthy, "Servers that disagree are told with what one has and the other has not") {
  look.answers.back().records = {record_of('b'), record_of('c')};
  inspection.serials.back().serial = 6;
  const Finding found = warning(FindingId::servers_disagree);
  CHECK(says(found, "3 1 1 aaaaaaaa... at ns1.example.com (192.0.2.1), not at ns2.example.com (192.0.2.2)"));
  CHECK(says(found, "3 1 1 cccccccc... at ns2.example.com (192.0.2.2), not at ns1.example.com (192.0.2.1)"));
  CHECK_FALSE(says(found, "bbbbbbbb"));
}

TEST_CASE_METHOD(Healthy, "Servers with another alias, or none, disagree") {
  look.answers.back().cname = name("t.example.net");
  look.answers.back().records.clear();
  CHECK(says(warning(FindingId::servers_disagree), "the alias of t.example.net at ns2.example.com (192.0.2.2)"));
}

TEST_CASE_METHOD(Healthy, "Differing TTLs of the same records are told by server, and their serials are not") {
  look.answers.back().ttl = 2 * an_hour;
  inspection.serials.back().serial = 6;
  const Finding found = warning(FindingId::ttls_differ);
  CHECK(says(found, "3600 s at ns1.example.com (192.0.2.1); 7200 s at ns2.example.com (192.0.2.2)"));
}

TEST_CASE_METHOD(Healthy, "Differing serials behind equal answers are told by server") {
  inspection.serials.back().serial = 6;
  const Finding found = warning(FindingId::serials_differ);
  CHECK(says(found, "6 at ns2.example.com (192.0.2.2); 7 at ns1.example.com (192.0.2.1)"));
  inspection.serials.back().zone = name("example.org");
  CHECK(findings().empty());
}

TEST_CASE_METHOD(Healthy, "A host whose addresses are not secure is a warning, critical when bogus, else unknown") {
  HostInspection& host = inspection.hosts.front();
  host.why = "mx.example.com is not in a signed zone";
  host.addresses = Dnssec::insecure;
  CHECK(says(warning(FindingId::host_not_secure), "not in a signed zone"));
  host.has_address = false;
  CHECK(says(warning(FindingId::host_not_secure), "neither an A nor an AAAA record"));
  host.has_address.reset();
  host.addresses = Dnssec::bogus;
  static_cast<void>(critical(FindingId::host_not_secure));
  host.addresses = Dnssec::unknown;
  static_cast<void>(only(FindingId::host_not_secure, Severity::unknown));
  host.host = name("mx2.example.com");
  CHECK(findings().empty());
}

TEST_CASE_METHOD(Healthy, "MX records that are not secure are a warning, critical when bogus, else unknown") {
  MxInspection& mx = inspection.mx.front();
  mx.dnssec = Dnssec::insecure;
  CHECK(says(warning(FindingId::mx_not_secure), "the MX records of example.com, which name mx.example.com,"));
  mx.dnssec = Dnssec::bogus;
  static_cast<void>(critical(FindingId::mx_not_secure));
  mx.dnssec = Dnssec::unknown;
  static_cast<void>(only(FindingId::mx_not_secure, Severity::unknown));
}

TEST_CASE_METHOD(Healthy, "A host that is an alias is told with the owner that senders ask first") {
  inspection.hosts.front().aliases = {name("mx.example.com"), name("relay.example.net")};
  CHECK(says(warning(FindingId::host_is_alias), "_25._tcp.relay.example.net first"));
  inspection.hosts.front().addresses = Dnssec::insecure;
  static_cast<void>(warning(FindingId::host_not_secure));  // then nobody asks for records at either name
}

TEST_CASE_METHOD(Healthy, "Of a host that is an alias the records are told that senders use, and what is to be done") {
  inspection.hosts.front().aliases = {name("mx.example.com"), name("relay.example.net")};
  const DnsName expanded = name("_25._tcp.relay.example.net");
  OwnerLook used = look;
  used.owner = expanded;
  used.chain = {expanded};
  DnsCheck check{look, inspection, hold_down, at(0).wall, &used};
  const auto only = [&] {
    const auto found = check_host(check);
    REQUIRE(found.size() == 1);
    CHECK(found.front().severity == Severity::warning);
    return found.front();
  };
  look.resolver_records = {record_of('a')};
  CHECK(
      says(only(), "senders use the TLSA records at _25._tcp.relay.example.net, and none at _25._tcp.mx.example.com"));
  CHECK(only().remedy == "delete the records at _25._tcp.mx.example.com, which nobody uses");
  check.lineages = {"mx"};
  CHECK(only().lineage == "mx");
  CHECK(only().remedy ==
        "put \"_25._tcp.relay.example.net\" in place of \"_25._tcp.mx.example.com\" into `tlsa` of mx, and its host "
        "into `probe`, then danectl publish mx");
  // The records are right there: no remedy names their owner.
  look.resolver_records.clear();
  check.lineages.clear();
  CHECK(only().remedy == "name relay.example.net itself in the MX records (RFC 2181 section 10.3)");
  look.chain = {look.owner, expanded};
  look.resolver_records = {record_of('a')};
  check.lineages = {"mx"};
  CHECK(only().remedy == "name relay.example.net itself in the MX records (RFC 2181 section 10.3)");
}

TEST_CASE_METHOD(Healthy, "More than eight aliases are a finding, eight are not") {
  const auto with_aliases = [&](int count) {
    look.chain = {look.owner};
    for (int i = 1; i < count; ++i) look.chain.push_back(name("a" + std::to_string(i) + ".example.com"));
    look.chain.push_back(name("end.example.com"));
    for (ServerAnswer& answer : look.answers) answer.qname = look.chain.back();
  };
  with_aliases(8);
  CHECK(findings().empty());
  with_aliases(9);
  CHECK(says(warning(FindingId::long_alias_chain), "9 aliases"));
}

TEST_CASE_METHOD(Healthy, "A signature that ends within three days is a warning, one that has ended is critical") {
  look.answers.back().signature_ends = at(0).wall + hours{72};
  CHECK(findings().empty());
  look.answers.back().signature_ends = at(0).wall + hours{71};
  const Finding found = warning(FindingId::signature_ends);
  CHECK(found.address == "192.0.2.2");
  CHECK(says(found, "ends in 2 d 23 h"));
  look.answers.back().signature_ends = at(0).wall;
  CHECK(says(critical(FindingId::signature_ends), "ended 2030-01-01T00:00:00Z"));
}

TEST_CASE_METHOD(Healthy, "A signature must outlast a hold-down that is longer than three days") {
  look.answers.back().signature_ends = at(0).wall + hours{24 * 5};
  hold_down = hours{24 * 6};
  static_cast<void>(warning(FindingId::signature_ends));
}

TEST_CASE_METHOD(Healthy, "An answer that fills more than a datagram is found by its size, or since a server cuts it") {
  look.answers.back().octets = 1232;
  CHECK(findings().empty());
  look.answers.back().octets = 1233;
  CHECK(says(warning(FindingId::answer_too_large), "at least 1233 octets"));
  for (ServerAnswer& answer : look.answers) answer.octets = 0;
  inspection.truncated.push_back(
      {name("_25._tcp.other.example.com"), look.owner, name("ns1.example.com"), "192.0.2.1"});
  CHECK(findings().empty());
  inspection.truncated.push_back({look.owner, look.owner, name("ns1.example.com"), "192.0.2.1"});
  CHECK(warning(FindingId::answer_too_large).address == "192.0.2.1");
  CHECK(says(warning(FindingId::answer_too_large), "does not fit into 1232 octets"));
}

TEST_CASE_METHOD(Healthy, "A server that cuts an answer that fits has no answer that is too large") {
  inspection.truncated.push_back({look.owner, look.owner, look.answers.front().server, look.answers.front().address});
  for (ServerAnswer& answer : look.answers) answer.octets = 400;
  const Finding by_tcp = warning(FindingId::answer_too_large);
  CHECK(says(by_tcp, "although the 400 octets of the answer fit"));
  CHECK(by_tcp.remedy.find("max-udp-size") != std::string::npos);
  look.answers.front().kind = ServerAnswer::Kind::unknown;
  look.answers.front().octets = 0;
  look.answers.front().why = "timeout";
  CHECK_FALSE(says(warning(FindingId::answer_without_tcp), "large"));
  for (ServerAnswer& answer : look.answers) answer.octets = 0;
  const auto found = findings();
  CHECK(std::any_of(found.begin(), found.end(),
                    [](const Finding& one) { return one.id == FindingId::answer_too_large; }));
}

TEST_CASE_METHOD(Healthy, "A TTL under a minute and one over a day are findings") {
  ttl(Seconds{60});
  CHECK(findings().empty());
  ttl(Seconds{59});
  static_cast<void>(warning(FindingId::ttl_short));
  ttl(Seconds{86400});
  CHECK(findings().empty());
  ttl(Seconds{86401});
  static_cast<void>(warning(FindingId::ttl_long));
  records({});
  look.answers.back().ttl = Seconds{59};
  static_cast<void>(warning(FindingId::no_records));  // the TTL of a denial is none of records
}
