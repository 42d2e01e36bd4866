// A generation on real files, as a deployment leaves it.
#pragma once

#include "app/store/generations.hpp"

namespace danectl {

inline Result<unsigned> deploy(Files& files, const Paths& paths, const LineageConfig& lineage,
                               const KeyAndChain& material) {
  const auto number = write_generation(files, paths, lineage, material);
  if (!number) return number;
  if (auto switched = switch_live(files, paths, lineage.name, *number); !switched) return switched.error();
  return number;
}

}  // namespace danectl
