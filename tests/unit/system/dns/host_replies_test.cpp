#include "system/dns/host_replies.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

const DnsName host = DnsName::parse("mx.example.com").value();

Reply reply(Reply::Kind kind, std::vector<std::string> rdata = {}, std::string why = {}) {
  Reply made;
  made.kind = kind;
  made.rdata = std::move(rdata);
  made.why = std::move(why);
  return made;
}

const Reply root = reply(Reply::Kind::secure);
const std::string address = {'\xc0', '\x00', '\x02', '\x19'};

AddressAnswer answer(const Reply& given, const Reply& of_root = root) {
  return judged(address_answer(host, given), of_root);
}

}  // namespace

TEST_CASE("A host is as secure as the worse of the answers for its A and AAAA records") {
  const AddressAnswer good = answer(reply(Reply::Kind::secure, {address}));
  CHECK(good.dnssec == Dnssec::secure);
  CHECK(good.any == true);
  const AddressAnswer none = answer(reply(Reply::Kind::secure));
  CHECK(none.any == false);
  const AddressAnswer bogus = answer(reply(Reply::Kind::bogus, {}, "bogus: no signatures"));
  CHECK_FALSE(bogus.any);

  CHECK(inspected_host(host, good, none).addresses == Dnssec::secure);
  CHECK(inspected_host(host, good, none).has_address == true);
  CHECK(inspected_host(host, none, none).has_address == false);
  for (const auto& both : {inspected_host(host, good, bogus), inspected_host(host, bogus, good)}) {
    CHECK(both.addresses == Dnssec::bogus);
    CHECK(both.why == "bogus: no signatures");
    CHECK(both.has_address == true);
  }
  CHECK_FALSE(inspected_host(host, none, bogus).has_address);
}

TEST_CASE("Where the root was not validated no host is proven to be unsigned") {
  const Reply unsigned_answer = reply(Reply::Kind::insecure, {address});
  CHECK(answer(unsigned_answer).dnssec == Dnssec::insecure);
  const AddressAnswer without_root = answer(unsigned_answer, reply(Reply::Kind::silent, {}, "no answer within 5 s"));
  CHECK(without_root.dnssec == Dnssec::unknown);
  CHECK(without_root.why == "the root could not be looked up: no answer within 5 s");
  CHECK(without_root.any == true);
}
