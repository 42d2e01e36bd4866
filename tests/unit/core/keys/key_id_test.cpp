#include "core/keys/key_id.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

TEST_CASE("key types go to text and back") {
  const auto type =
      GENERATE(KeyType::rsa_2048, KeyType::rsa_3072, KeyType::rsa_4096, KeyType::ecdsa_p256, KeyType::ecdsa_p384);
  CHECK(*parse_key_type(to_text(type)) == type);
}

TEST_CASE("a key type that danectl does not make is refused") {
  CHECK(to_text(KeyType::other) == "other");
  for (const auto* text : {"other", "", "RSA-2048", "rsa", "ed25519", "rsa-1024"}) {
    CAPTURE(text);
    const auto type = parse_key_type(text);
    REQUIRE_FALSE(type.ok());
    CHECK(type.error().what == "'" + std::string(text) + "' is not a key type");
    CHECK(type.error().hint == "use rsa-2048, rsa-3072, rsa-4096, ecdsa-p256 or ecdsa-p384");
  }
}

TEST_CASE("a key's association has the digest of the matching type") {
  const KeyId key{std::string(64, 'a'), std::string(128, 'b'), KeyType::ecdsa_p256};
  CHECK(association_of(key, {3, 1, 2}) == Association{{3, 1, 2}, std::string(128, 'b')});
  CHECK(association_of(key, {2, 1, 1}) == Association{{2, 1, 1}, std::string(64, 'a')});
}

TEST_CASE("keys are told apart by their digest") {
  const KeyId key{std::string(64, 'a'), "", KeyType::rsa_2048};
  CHECK(key == KeyId{std::string(64, 'a'), "", KeyType::other});
  CHECK_FALSE(key == KeyId{std::string(64, 'c'), "", KeyType::rsa_2048});
}
