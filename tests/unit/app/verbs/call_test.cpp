#include "app/verbs/call.hpp"

#include "fakes/small_world.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <stdexcept>

using namespace danectl;

namespace {

class FaultyFiles : public CuttingFiles {
 public:
  using CuttingFiles::CuttingFiles;
  Result<std::string> read(const std::string& /*path*/) override { throw std::out_of_range("basic_string::substr"); }
};

}  // namespace

TEST_CASE("A fault of danectl itself is an error with an exit code, and UNKNOWN for who watches") {
  SmallWorld small;
  FaultyFiles files(small.files);
  World world{small.clock, files, small.processes, small.keys};
  std::istringstream nothing;
  const auto code = [&](const char* verb) {
    const std::string there = small.lineage.conf_path();
    const std::array<const char*, 4> words{"danectl", "--config", there.c_str(), verb};
    return call(parse_command_line(words.size(), words.data(), ""), {.standard_input = nothing}, world, small.output);
  };
  CHECK(code("run") == exit_failed);
  CHECK(small.err.str().find("a fault of danectl itself: basic_string::substr\n  report it") != std::string::npos);
  CHECK(code("check") == exit_code(Severity::unknown));
}
