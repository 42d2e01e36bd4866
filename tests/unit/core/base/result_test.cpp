#include "core/base/result.hpp"

#include <catch2/catch.hpp>

#include <memory>

using namespace danectl;

namespace {

Result<std::unique_ptr<int>> seven() {
  return std::make_unique<int>(7);
}

}  // namespace

TEST_CASE("What is moved out of a result is not copied: of ten thousand lineages that is the time of a call") {
  auto result = seven();
  REQUIRE(result);
  CHECK(*(*std::move(result)) == 7);
  CHECK(*(*seven()) == 7);
}
