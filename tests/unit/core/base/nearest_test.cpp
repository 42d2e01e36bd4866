#include "core/base/nearest.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

TEST_CASE("A mistyped word is told from one that was never meant") {
  const std::vector<std::string> verbs{"enroll", "retire", "release", "status", "stage", "run"};
  CHECK(nearest("enrol", verbs) == "enroll");
  CHECK(nearest("stauts", verbs) == "status");
  CHECK(nearest("retrie", verbs) == "retire");
  CHECK(nearest("statuss", verbs) == "status");
  CHECK(nearest("rum", verbs) == "run");
  CHECK_FALSE(nearest("frobnicate", verbs));
  CHECK_FALSE(nearest("x", verbs));
  CHECK_FALSE(nearest("", verbs));
  CHECK_FALSE(nearest(std::string(100'000, 'a'), verbs));
}

TEST_CASE("A hint begins with what was meant, where something is near") {
  CHECK(did_you_mean("mx.exmaple.com", {"mx.example.com"}, "danectl status") ==
        "did you mean mx.example.com? danectl status");
  CHECK(did_you_mean("other", {"mx.example.com"}, "danectl status") == "danectl status");
}
