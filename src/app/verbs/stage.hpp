// `danectl stage [NAME...]`: makes the next key where there is none, and prints the records to publish.
#pragma once

#include "app/verbs/verb.hpp"

#include <optional>

namespace danectl {

enum class KeyChoice { as_configured, same_as_current, named };

struct StageOptions {
  std::vector<std::string> names;
  KeyChoice choice = KeyChoice::as_configured;
  std::optional<KeyType> key;  // with KeyChoice::named
  bool issue = false;          // get its certificate now, so that a later promote needs no CA
  bool dry_run = false;
};

int stage(const StageOptions& options, const Workshop& shop);

std::unique_ptr<Verb> stage_verb();

}  // namespace danectl
