// Which lineage of this host a key is of, whatever the owners of the lineage: for messages. No rule goes by it.
#pragma once

#include "app/frame/paths.hpp"
#include "core/config/lineage_config.hpp"
#include "core/rollover/state.hpp"
#include "ports/files.hpp"

#include <optional>
#include <string>
#include <vector>

namespace danectl {

class KeyHolders {
 public:
  // The states of all lineages are read once a call, when a key is asked for that is not known otherwise. The state of
  // one that cannot be read tells nothing.
  void load(Files& files, const Paths& paths, const std::vector<LineageConfig>& lineages);

  // The first lineage that has the key or had it; empty: none is known to. REQUIRES: loaded.
  [[nodiscard]] std::string of(const KeyId& key) const;
  // The same of the key or issuer that a record names.
  [[nodiscard]] std::string of(const Association& record) const;

 private:
  struct Held {
    std::string lineage;
    KnownKey key;
  };
  std::optional<std::vector<Held>> held_;
};

}  // namespace danectl
