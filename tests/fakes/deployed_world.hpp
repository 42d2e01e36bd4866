// A small world whose first generation is deployed.
#pragma once

#include "app/store/store.hpp"
#include "fakes/deploy.hpp"
#include "fakes/small_world.hpp"

#include <catch2/catch.hpp>

namespace danectl {

class DeployedWorld : public SmallWorld {
 public:
  DeployedWorld() {
    REQUIRE(open_store(files, paths, short_wait).ok());
    REQUIRE(deploy(files, paths, enrolled(), first).ok());
  }

  const Paths paths{state_dir()};
};

}  // namespace danectl
