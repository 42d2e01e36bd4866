#include "core/check/check_record_form.hpp"

#include "fakes/published_owner.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

const std::string sha256_of_nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

Association certificate_record(const Chain& chain, const std::string& group = "3 0 1") {
  return record(group + " " + chain.leaf().fingerprint);
}

}  // namespace

TEST_CASE_METHOD(PublishedOwner, "Usages 0 and 1 at a port of SMTP are warnings, at others they are not") {
  for (const std::string usage : {"0", "1"}) {
    publish({record_of('a'), record_of('b'), record(usage + " 1 1 " + std::string(64, 'c'))});
    CHECK(says(only(FindingId::pkix_usage), "has usage " + usage));
  }
  look.owner = name("_993._tcp.mx.example.com");
  CHECK(healthy());
  for (const char* port : {"25", "465", "587"}) {
    look.owner = name(std::string("_") + port + "._tcp.mx.example.com");
    CHECK(has(FindingId::pkix_usage));
  }
}

TEST_CASE_METHOD(PublishedOwner, "A whole certificate that a CA issued changes with each renewal") {
  presented = {new_chain()};
  publish({spki(presented.front()), certificate_record(presented.front()), record_of('a')});
  CHECK(says(only(FindingId::cert_selector), certificate_record(presented.front()).text()));
}

TEST_CASE_METHOD(PublishedOwner, "A whole certificate of a deployed chain is found, and one of usage 1") {
  const Enrolled& mx = enroll("mx");
  publish({mx.current(), mx.next(), certificate_record(mx.deployed())});
  CHECK(only(FindingId::cert_selector).owner == test_owner().text());
  publish({mx.current(), mx.next(), certificate_record(mx.deployed(), "1 0 1")});
  CHECK(has(FindingId::cert_selector));
}

TEST_CASE_METHOD(PublishedOwner,
                 "A whole certificate that is self-signed, or of which nothing is known, is no finding") {
  presented = {self_signed_chain()};
  const RRset records{spki(presented.front()), certificate_record(presented.front()), record_of('a')};
  publish(records);
  CHECK(healthy());
  presented.push_back(new_chain());  // of another host behind the name
  CHECK_FALSE(has(FindingId::cert_selector));
  presented.clear();
  CHECK(healthy());
}

TEST_CASE_METHOD(PublishedOwner, "Whole data instead of a digest is a warning, and useless when it cannot be read") {
  publish({record_of('a'), record_of('b'), Association{{3, 1, 0}, "3059"}});
  CHECK(says(only(FindingId::wrong_length), "3 1 0"));
  // The SPKI of the generator of P-256, which is a point.
  publish({record_of('a'), record_of('b'),
           Association{{3, 1, 0},
                       "3059301306072a8648ce3d020106082a8648ce3d03010703420004"
                       "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
                       "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"}});
  CHECK(says(only(FindingId::full_data), "the whole key"));
}

TEST_CASE_METHOD(PublishedOwner, "The same data under two usages is a warning, two digests of one key are none") {
  presented = {new_chain()};
  publish({spki(presented.front()), spki(presented.front(), "3 1 2"), record_of('a')});
  CHECK(healthy());
  presented.clear();
  publish({record_of('a'), record_of('b'), record("2 1 1 " + std::string(64, 'a'))});
  CHECK(says(only(FindingId::duplicate_record), "as 2 1 1 and as 3 1 1 aaaa"));
}

TEST_CASE_METHOD(PublishedOwner, "What no client can use is a warning that says why") {
  const auto why = [&](const Group& group, std::size_t digits) {
    publish({record_of('a'), record_of('b'), Association{group, std::string(digits, 'c')}});
    return only(FindingId::wrong_length).message;
  };
  CHECK(why({3, 1, 1}, 62).find("a digest of 31 octets instead of 32") != std::string::npos);
  CHECK(why({3, 1, 2}, 64).find("a digest of 32 octets instead of 64") != std::string::npos);
  CHECK(why({3, 1, 3}, 64).find("matching type 3 is unknown") != std::string::npos);
  CHECK(why({3, 2, 1}, 64).find("selector 2 is unknown") != std::string::npos);
  CHECK(why({4, 1, 1}, 64).find("usage 4 is unknown") != std::string::npos);
}

TEST_CASE_METHOD(PublishedOwner, "The digest of nothing is critical when no other record matches, else a warning") {
  const Association nothing = record("3 1 1 " + sha256_of_nothing);
  presented = {new_chain()};
  publish({nothing, record_of('a')});
  CHECK(says(only(FindingId::empty_digest, Severity::critical), "hold the mail"));
  publish({nothing, spki(presented.front())});
  CHECK(only(FindingId::empty_digest).owner == test_owner().text());
}

TEST_CASE_METHOD(PublishedOwner,
                 "The digest of nothing where nobody was asked is critical when it is alone or hides the rest") {
  const Association nothing = record("3 1 1 " + sha256_of_nothing);
  publish({nothing});
  CHECK(has(FindingId::empty_digest, Severity::critical));
  publish({nothing, record_of('a')});
  CHECK(has(FindingId::empty_digest));
  publish({record_of('a'), record("3 1 2 cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
                                  "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e")});
  CHECK(has(FindingId::empty_digest, Severity::critical));
}
