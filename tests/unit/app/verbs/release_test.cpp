#include "app/verbs/release.hpp"

#include "app/frame/exit_code.hpp"
#include "app/verbs/stage.hpp"
#include "fakes/deployed_world.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

// A lineage with a next key, and its configuration on disk.
class Staged : public DeployedWorld {
 public:
  Staged() {
    REQUIRE(stage({.names = {name}}, shop()) == exit_done);
    REQUIRE(files.make_folder(settings.lineage_folder, 0755).ok());
    REQUIRE(files.write(configuration, "", {}).ok());
    REQUIRE(has(paths.next_key(name)));
  }
  [[nodiscard]] bool has(const std::string& path) { return files.info(path).value().has_value(); }
  int released() { return release({.name = name}, shop()); }

  const std::string name = "mx.example.lab";
  const std::string configuration = settings.lineage_path(name);
};

}  // namespace

TEST_CASE_METHOD(Staged, "After release neither a key nor a state of the lineage is left") {
  CHECK(released() == exit_done);
  CHECK_FALSE(has(paths.next_key(name)));
  CHECK_FALSE(has(configuration));
  CHECK_FALSE(has(paths.state(name)));
}

TEST_CASE("While a lineage is enrolled, a release that is cut leaves its state; after it, no key") {
  bool is_cut = true;
  for (int change = 1; is_cut; ++change) {
    Staged world;
    world.files.cut_at(world.files.changes() + change, CuttingFiles::When::before);
    try {
      const int code = world.released();
      REQUIRE(code == exit_done);
      is_cut = false;
    } catch (const PowerCut&) {
      if (world.has(world.configuration)) {
        CHECK(world.has(world.paths.state(world.name)));
      } else {
        CHECK_FALSE(world.has(world.paths.next_key(world.name)));
      }
    }
  }
}
