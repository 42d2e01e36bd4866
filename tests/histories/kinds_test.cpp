// Random histories of all of danectl but its system layer, on real files: two lineages on one owner, name servers, a CA
// and a certbot that do as they like. Against the truth, which caches may hold what, promises 1 and 2 must stand.
#include "histories/history.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>

using namespace danectl;

namespace {

// More of them: DANECTL_HISTORIES of the environment says how many, DANECTL_HISTORY the first.
void live(const Kinds& kinds) {
  const char* const wanted = std::getenv("DANECTL_HISTORIES");
  const char* const first = std::getenv("DANECTL_HISTORY");
  const unsigned from = first == nullptr ? 1 : static_cast<unsigned>(std::stoul(first));
  const unsigned many = wanted == nullptr ? 1 : static_cast<unsigned>(std::stoul(wanted));
  for (unsigned seed = from; seed < from + many; ++seed) {
    INFO("seed " << seed);
    History history(seed, kinds);
    history.live(200);
    history.calm_down();
  }
}

const std::vector<Profile> every_profile{
    {key_256}, {key_512}, {key_256, key_512}, {issuer_256}, {issuer_512}, {key_256, issuer_256}, {key_512, issuer_256}};

}  // namespace

TEST_CASE("Over random histories, records of keys") {
  live({.profiles = {{key_256}}});
}

TEST_CASE("Over random histories, records of issuers") {
  live({.profiles = {{issuer_256}}});
}

TEST_CASE("Over random histories, records of keys and issuers") {
  live({.profiles = {{key_256, issuer_256}}});
}

TEST_CASE("Over random histories, profiles that change") {
  live({.profiles = every_profile});
}

TEST_CASE("Over random histories, updates with prerequisites, and probes") {
  live({.profiles = every_profile, .probes = true, .nsupdate = true});
}

TEST_CASE("Over random histories, records of others") {
  live({.profiles = every_profile, .others = {.records = true}});
}

TEST_CASE("Over random histories, wildcards") {
  live({.profiles = every_profile, .others = {.wildcards = true}});
}

TEST_CASE("Over random histories, slow providers") {
  live({.profiles = every_profile, .others = {.slow = true}, .nsupdate = true});
}

TEST_CASE("Over random histories, an old state that comes back") {
  live({.profiles = every_profile, .restored = true});
}

TEST_CASE("Over random histories, a person deletes foreign records") {
  live({.profiles = every_profile, .others = {.records = true}, .foreign_by_a_person = true});
}

TEST_CASE("Over random histories, a lineage is released") {
  live({.profiles = {{key_256}}, .release = true});
}

TEST_CASE("Over random histories, two hosts on one owner") {
  live({.profiles = {{key_256}}, .two_machines = true, .probes = true, .release = true, .nsupdate = true});
}

TEST_CASE("Over random histories, reload commands that come and go") {
  live({.profiles = {{key_256}, {key_256, issuer_256}}, .nsupdate = true, .reloads = true});
}

TEST_CASE("Over random histories, aliases that move") {
  live({.profiles = every_profile, .others = {.aliases = true}});
}

TEST_CASE("Over random histories, everything") {
  live({.profiles = every_profile,
        .others = {.records = true, .wildcards = true, .aliases = true, .slow = true},
        .probes = true,
        .foreign_by_a_person = true,
        .release = true,
        .restored = true,
        .nsupdate = true});
}
