#include "core/survey/recent_names.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace danectl;

TEST_CASE("A name is new once, and new again when too many came between") {
  RecentNames names(1024);
  CHECK(names.is_new("example.org"));
  CHECK_FALSE(names.is_new("example.org"));
  CHECK(names.is_new("example.com"));
  for (int i = 0; i < 100000; ++i) names.is_new("d" + std::to_string(i) + ".example");
  CHECK(names.is_new("example.org"));
}

TEST_CASE("No name is taken for one that was met") {
  RecentNames names(1U << 16U);
  for (int i = 0; i < 200000; ++i) REQUIRE(names.is_new("d" + std::to_string(i) + ".example"));
}

TEST_CASE("Of a few names none is forgotten") {
  RecentNames names(1U << 16U);
  for (int i = 0; i < 200; ++i) names.is_new("d" + std::to_string(i));
  int forgotten = 0;
  for (int i = 0; i < 200; ++i) forgotten += names.is_new("d" + std::to_string(i)) ? 1 : 0;
  CHECK(forgotten <= 2);
}
