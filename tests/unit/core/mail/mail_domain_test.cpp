#include "core/mail/mail_domain.hpp"

#include "fakes/mail_hosts.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

TEST_CASE("a host with a usable secure record is used by DANE", "[mail_domain]") {
  CHECK(way_of(mail_host("mx.example.org", {record_311('a')})) == HostWay::dane);
  CHECK(way_of(mail_host("mx.example.org", {record_101(), record_311('a')})) == HostWay::dane);
}

TEST_CASE("records that nobody can use ask for TLS without authentication", "[mail_domain]") {
  CHECK(way_of(mail_host("mx.example.org", {record_101()})) == HostWay::encrypted);
}

TEST_CASE("a host without records, or that is not signed, is used without DANE", "[mail_domain]") {
  CHECK(way_of(mail_host("mx.example.org", {})) == HostWay::without);
  MailHost host = mail_host("mx.example.org", {record_311('a')});
  host.tlsa.front().dnssec = Dnssec::insecure;
  CHECK(way_of(host) == HostWay::without);
  host.seen.addresses = Dnssec::insecure;
  host.tlsa.clear();
  CHECK(way_of(host) == HostWay::without);
}

TEST_CASE("an answer that does not validate keeps the mail from a host", "[mail_domain]") {
  MailHost host = mail_host("mx.example.org", {});
  host.tlsa.front().dnssec = Dnssec::bogus;
  CHECK(way_of(host) == HostWay::held);
  host.tlsa.front().dnssec = Dnssec::unknown;
  CHECK(way_of(host) == HostWay::unknown);
  host = mail_host("mx.example.org", {record_311('a')});
  host.seen.addresses = Dnssec::bogus;
  CHECK(way_of(host) == HostWay::held);
}

TEST_CASE("the last owner that was asked decides", "[mail_domain]") {
  MailHost host = mail_host("mail.example.org", {});
  host.tlsa.push_back({DnsName::parse("_25._tcp.mail.example.org").value(), Dnssec::secure, {}, {record_311('a')}});
  CHECK(way_of(host) == HostWay::dane);
}

TEST_CASE("a host without an address is nowhere", "[mail_domain]") {
  MailHost host = mail_host("mx.example.org", {});
  host.seen.has_address = false;
  host.tlsa.clear();
  CHECK(way_of(host) == HostWay::nowhere);
}

TEST_CASE("a domain has DANE when each host that its mail goes to has", "[mail_domain]") {
  const MailDomain domain = mail_domain("example.org", {"a.example.org", "b.example.org"});
  CHECK(way_of(domain, {HostWay::dane, HostWay::dane}) == DomainWay::dane);
  CHECK(way_of(domain, {HostWay::dane, HostWay::held}) == DomainWay::dane);
  CHECK(way_of(domain, {HostWay::dane, HostWay::nowhere}) == DomainWay::dane);
  CHECK(way_of(domain, {HostWay::dane, HostWay::without}) == DomainWay::partly);
  CHECK(way_of(domain, {HostWay::dane, HostWay::encrypted}) == DomainWay::partly);
  CHECK(way_of(domain, {HostWay::without, HostWay::held}) == DomainWay::without);
}

TEST_CASE("mail is held where no host is left, and not known where one may be", "[mail_domain]") {
  const MailDomain domain = mail_domain("example.org", {"a.example.org", "b.example.org"});
  CHECK(way_of(domain, {HostWay::held, HostWay::nowhere}) == DomainWay::held);
  CHECK(way_of(domain, {HostWay::held, HostWay::unknown}) == DomainWay::unknown);
  CHECK(way_of(domain, {HostWay::nowhere, HostWay::nowhere}) == DomainWay::no_mail);
}

TEST_CASE("an exchange that is left out may be the one that takes the mail", "[mail_domain]") {
  MailDomain domain = mail_domain("example.org", {"a.example.org", "b.example.org", "c.example.org"});
  keep_first_exchanges(domain, 3);
  CHECK(domain.exchanges_left_out == 0);
  CHECK(way_of(domain, {HostWay::nowhere, HostWay::held, HostWay::held}) == DomainWay::held);
  keep_first_exchanges(domain, 2);
  CHECK(domain.exchanges.size() == 2);
  CHECK(domain.exchanges.back().host.text() == "b.example.org");
  CHECK(domain.exchanges_left_out == 1);
  CHECK(way_of(domain, {HostWay::nowhere, HostWay::held}) == DomainWay::unknown);
  CHECK(way_of(domain, {HostWay::dane, HostWay::held}) == DomainWay::dane);
}

TEST_CASE("MX records that are not signed lead to no DANE, and bogus ones to no delivery", "[mail_domain]") {
  MailDomain domain = mail_domain("example.org", {"a.example.org"});
  domain.dnssec = Dnssec::insecure;
  CHECK(way_of(domain, {HostWay::dane}) == DomainWay::without);
  domain.kind = MailDomain::Kind::unknown;
  domain.dnssec = Dnssec::bogus;
  CHECK(way_of(domain, {}) == DomainWay::held);
  domain.dnssec = Dnssec::unknown;
  CHECK(way_of(domain, {}) == DomainWay::unknown);
}

TEST_CASE("a null MX, and a name that is not there, take no mail", "[mail_domain]") {
  MailDomain domain = mail_domain("example.org", {});
  domain.kind = MailDomain::Kind::null_mx;
  CHECK(way_of(domain, {}) == DomainWay::no_mail);
  domain.kind = MailDomain::Kind::none;
  CHECK(way_of(domain, {}) == DomainWay::no_mail);
}
