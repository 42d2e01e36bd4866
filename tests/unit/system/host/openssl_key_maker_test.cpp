#include "system/host/openssl_key_maker.hpp"

#include "core/keys/key_material.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

TEST_CASE("a key of each type is made as unencrypted PKCS#8") {
  const auto type =
      GENERATE(KeyType::rsa_2048, KeyType::rsa_3072, KeyType::rsa_4096, KeyType::ecdsa_p256, KeyType::ecdsa_p384);
  const auto pem = OpensslKeyMaker().make(type);
  REQUIRE(pem.ok());
  CHECK(pem->substr(0, 28) == "-----BEGIN PRIVATE KEY-----\n");
  CHECK(read_private_key(*pem).value().type == type);
}

TEST_CASE("two keys are never the same") {
  OpensslKeyMaker maker;
  CHECK_FALSE(read_private_key(*maker.make(KeyType::ecdsa_p256)).value() ==
              read_private_key(*maker.make(KeyType::ecdsa_p256)).value());
}
