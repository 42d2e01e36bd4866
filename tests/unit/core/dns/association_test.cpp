#include "core/dns/association.hpp"

#include <array>

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

const std::string digest_256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const std::string digest_512 = digest_256 + digest_256;

}  // namespace

TEST_CASE("a group is three numbers") {
  CHECK(*Group::parse("3 1 1") == Group{3, 1, 1});
  CHECK(*Group::parse("  2\t0  255 ") == Group{2, 0, 255});
  CHECK(Group{2, 1, 2}.text() == "2 1 2");
}

TEST_CASE("what is not a group is refused") {
  const auto text = GENERATE(as<std::string>{}, "", "3", "3 1", "3 1 1 1", "3 1 256", "-3 1 1", "3 1 x", "311", "3,1,1",
                             "+3 1 1", "0x3 1 1");
  CAPTURE(text);
  const auto group = Group::parse(text);
  REQUIRE_FALSE(group.ok());
  CHECK(group.error().what == "'" + text + "' is not usage, selector and matching type");
}

TEST_CASE("an association is read with blanks and capitals in its data") {
  const auto association = Association::parse(" 3 1 1 01234567 89ABCDEF\t" + digest_256.substr(16) + " ");
  REQUIRE(association.ok());
  CHECK(association->group == Group{3, 1, 1});
  CHECK(association->hex == digest_256);
  CHECK(association->text() == "3 1 1 " + digest_256);
}

TEST_CASE("digests must have their length, other data may have any") {
  CHECK(Association::parse("3 1 2 " + digest_512).ok());
  CHECK(Association::parse("3 1 0 00").ok());
  CHECK(Association::parse("3 1 7 00").ok());
  const auto association = Association::parse("3 1 1 0123");
  REQUIRE_FALSE(association.ok());
  CHECK(association.error().what == "'3 1 1 0123' has 4 hexadecimal digits, but matching type 1 has 64");
  CHECK_FALSE(Association::parse("3 1 2 " + digest_256).ok());
}

TEST_CASE("what is not an association is refused with the reason") {
  const auto [text, what] = GENERATE(table<std::string, std::string>({
      {"", "'' does not begin with three numbers"},
      {"3 1", "'3 1' does not begin with three numbers"},
      {"3 1 1", "'3 1 1' has no data"},
      {"3 1 0 123", "'3 1 0 123': an odd number of hexadecimal digits, 3"},
      {"3 1 0 12g4", "'3 1 0 12g4': there is a character that is no hexadecimal digit"},
  }));
  const auto association = Association::parse(text);
  REQUIRE_FALSE(association.ok());
  CHECK(association.error().kind == ErrorKind::invalid);
  CHECK(association.error().what == what);
}

TEST_CASE("more data than a record can hold is refused") {
  CHECK(Association::parse("3 1 0 " + std::string(2 * 65532, 'a')).ok());
  CHECK_FALSE(Association::parse("3 1 0 " + std::string(2 * 65533, 'a')).ok());
}

TEST_CASE("RDATA of any content is shown as it is") {
  const std::array<std::uint8_t, 5> rdata{3, 1, 1, 0xab, 0x01};
  CHECK(Association::from_rdata(rdata)->text() == "3 1 1 ab01");
  CHECK(Association::from_rdata(std::span(rdata).first(3))->text() == "3 1 1");
  CHECK_FALSE(Association::from_rdata(std::span(rdata).first(2)).ok());
}

TEST_CASE("the form of RFC 3597 counts the octets") {
  CHECK(Association::parse("3 1 1 " + digest_256)->rfc3597() == "\\# 35 030101" + digest_256);
  CHECK(Association::parse("2 0 2 " + digest_512)->rfc3597() == "\\# 67 020002" + digest_512);
  CHECK(Association{{3, 1, 1}, ""}.rfc3597() == "\\# 3 030101");
}

TEST_CASE("hexadecimal goes both ways") {
  CHECK(*from_hex("00fFa1") == std::vector<std::uint8_t>{0x00, 0xff, 0xa1});
  CHECK(from_hex("")->empty());
  CHECK(to_hex(*from_hex("00fFa1")) == "00ffa1");
}

TEST_CASE("associations sort by group first") {
  const Association lower{{2, 1, 1}, "ff"};
  const Association higher{{3, 1, 1}, "00"};
  CHECK(lower < higher);
  CHECK(Association{{3, 1, 1}, "00"} == higher);
}
