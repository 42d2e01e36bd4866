// `danectl stage [NAME...]`: makes the next key where there is none, and prints the records to publish.
#pragma once

#include "app/workshop.hpp"

#include <optional>

namespace danectl {

struct StageOptions {
  std::vector<std::string> names;
  std::optional<KeyType> key;  // instead of the lineage's `key`
};

int stage(const StageOptions& options, const Workshop& shop);

}  // namespace danectl
