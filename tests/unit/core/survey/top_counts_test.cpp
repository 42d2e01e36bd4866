#include "core/survey/top_counts.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

TEST_CASE("Keys are counted exactly as long as there is room") {
  TopCounts<int> counts(3);
  for (const char* key : {"b", "a", "b", "c", "b", "a"}) ++counts.add(key);
  const auto top = counts.top(2, 1);
  REQUIRE(top.size() == 2);
  CHECK(top[0].key == "b");
  CHECK(top[0].count == 3);
  CHECK(top[0].error == 0);
  CHECK(top[0].tally == 3);
  CHECK(top[1].key == "a");
  CHECK(counts.top(9, 2).size() == 2);
}

TEST_CASE("Among many rare keys the frequent one keeps its count, within the error that it shows") {
  TopCounts<int> counts(100);
  const int times = 2000;
  for (int i = 0; i < times; ++i) {
    counts.add("frequent");
    for (int j = 0; j < 5; ++j) counts.add("rare" + std::to_string(i * 5 + j));
  }
  const auto top = counts.top(10, 2);
  REQUIRE_FALSE(top.empty());
  CHECK(top[0].key == "frequent");
  CHECK(top[0].at_least() <= times);
  CHECK(top[0].count >= times);
  CHECK(top[0].error <= times * 6 / 100);
  CHECK(top.size() == 1);
}
