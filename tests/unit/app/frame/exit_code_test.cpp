#include "app/frame/exit_code.hpp"

#include <catch2/catch.hpp>

#include <sstream>

using namespace danectl;

TEST_CASE("Each kind of error has the exit code that the manual gives it") {
  CHECK(exit_code(ErrorKind::failed) == 1);
  CHECK(exit_code(ErrorKind::refused) == 1);
  CHECK(exit_code(ErrorKind::no_permission) == 1);
  CHECK(exit_code(ErrorKind::not_found) == 2);
  CHECK(exit_code(ErrorKind::invalid) == 2);
  CHECK(exit_code(ErrorKind::not_yet) == 75);
}

TEST_CASE("A finding has the exit code of a monitoring plugin") {
  CHECK(exit_code(Severity::ok) == 0);
  CHECK(exit_code(Severity::warning) == 1);
  CHECK(exit_code(Severity::critical) == 2);
  CHECK(exit_code(Severity::unknown) == 3);
}

TEST_CASE("Of several lineages a failure is worse than one that has to wait") {
  CHECK(worse(0, 0) == 0);
  CHECK(worse(0, 75) == 75);
  CHECK(worse(75, 0) == 75);
  CHECK(worse(75, 1) == 1);
  CHECK(worse(1, 75) == 1);
  CHECK(worse(75, 2) == 2);
}

TEST_CASE("An error is said with the name of its lineage before it") {
  std::ostringstream out;
  std::ostringstream err;
  const Output output{out, err};
  CHECK(exit_with(not_yet("the hold-down is running", "come back later"), output) == 75);
  CHECK(exit_with("mx.example.com", failed("no key"), output) == 1);
  CHECK(err.str() ==
        "danectl: the hold-down is running\n  come back later\n"
        "danectl: mx.example.com: no key\n");
  CHECK(out.str().empty());
}
