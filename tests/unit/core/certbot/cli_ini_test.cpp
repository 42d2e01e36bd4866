#include "core/certbot/cli_ini.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace danectl;

namespace {

const std::string file = "/etc/letsencrypt/cli.ini";

// What is said of a lineage whose key is of this type; empty: nothing.
std::string said(const std::string& text, KeyType type = KeyType::ecdsa_p256) {
  const auto error = against_reuse(read_cli_ini(text, file), type);
  return error ? error->what : std::string();
}

bool refuses(const std::string& text, KeyType type = KeyType::ecdsa_p256) {
  return said(text, type).find("certbot refuses each renewal") != std::string::npos;
}

bool makes_another_key(const std::string& text) {
  return said(text).find("make another key at each renewal") != std::string::npos;
}

}  // namespace

TEST_CASE("a kind of key in cli.ini that the lineage's key is not of makes certbot refuse") {
  CHECK(refuses("key-type = rsa\n"));
  CHECK_FALSE(refuses("key-type = rsa\n", KeyType::rsa_4096));
  CHECK(refuses("key-type = ecdsa\n", KeyType::rsa_2048));
  CHECK(refuses("rsa-key-size = 4096\n", KeyType::rsa_2048));
  CHECK(refuses("elliptic-curve = secp384r1\n"));
  CHECK_FALSE(refuses("elliptic-curve = secp384r1\n", KeyType::ecdsa_p384));
}

TEST_CASE("a size is a number, and a switch has its whole name") {
  for (const char* const text : {"rsa-key-size = 04096\n", "rsa-key-size=+4096", "rsa = 4096"}) {
    CAPTURE(text);
    CHECK_FALSE(refuses(text, KeyType::rsa_4096));
    CHECK(refuses(text, KeyType::rsa_2048));
  }
  CHECK(makes_another_key("--new-key = true"));
  for (const char* const text : {"new-k = true", "-new-key = true"}) CHECK(said(text).empty());
}

TEST_CASE("a size of the other kind of key does not matter, nor does a key that certbot does not make") {
  CHECK(said("rsa-key-size = 4096\n").empty());
  CHECK(said("elliptic-curve = secp384r1\n", KeyType::rsa_2048).empty());
  CHECK(said("key-type = rsa\n", KeyType::other).empty());
}

TEST_CASE("cli.ini is read as certbot reads it") {
  for (const char* const text :
       {"key-type rsa\n", "key-type: rsa", "  key-type = rsa # why\n", "key-type=\"rsa\"\r\n",
        "[a section]\nkey-type = rsa\n", "--key-type = rsa\n", "key-type=rsa", "key-type='rsa' # why\n",
        "key-type = rsa ; why\n", "-key-type = rsa\n", "key-typ = rsa\n", "key-type- rsa\n",
        "key-type = ecdsa\nkey-typ = rsa\n", "email = me@example.com\nkey-type\t=\trsa\n"}) {
    CAPTURE(text);
    CHECK(refuses(text));
  }
  for (const char* const text :
       {"", "# key-type = rsa\n", "; key-type = rsa\n", "--- key-type = rsa\n", "key_type = rsa\n", "key_type=rsa\n",
        "KEY-TYPE = rsa\n", "Key-Type=rsa\n", "key-type = rsa\nkey-type = ecdsa\n", "key-types = rsa\n", "- = rsa\n"}) {
    CAPTURE(text);
    CHECK(said(text).empty());
  }
  CHECK(said("\n\nkey-type = rsa\n").find("\"key-type = rsa\" in " + file + " line 3") != std::string::npos);
}

TEST_CASE("a new key at each renewal is said before what certbot would refuse") {
  for (const char* const text :
       {"new-key\n", "new-key = true\n", "new-key = Yes\n", "key-type = rsa\nnew-key = 1\n", "no-reuse-key = true\n"}) {
    CAPTURE(text);
    CHECK(makes_another_key(text));
    CHECK(said(text).find("certbot 4") == std::string::npos);
  }
  CHECK(said("new-key = false\nreuse-key = true\n").empty());
}

TEST_CASE("certbot 4 takes a false for a choice, too") {
  CHECK(said("reuse-key = false\n").find("lets certbot 4 make") != std::string::npos);
  CHECK(said("no-reuse-key = false\n").find("lets certbot 4 make") != std::string::npos);
}

TEST_CASE("the file that certbot reads last counts") {
  auto settings = read_cli_ini("key-type = rsa\n", file);
  const auto later = read_cli_ini("key-type = ecdsa\n", "/root/.config/letsencrypt/cli.ini");
  settings.insert(settings.end(), later.begin(), later.end());
  CHECK_FALSE(against_reuse(settings, KeyType::ecdsa_p256));
  const auto error = against_reuse(settings, KeyType::rsa_2048);
  REQUIRE(error);
  CHECK(error->hint.find("/root/.config/letsencrypt/cli.ini") != std::string::npos);
}
