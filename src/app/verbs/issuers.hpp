// `danectl issuers [NAME...]`: the CAs of a lineage's chains, and whether the records that would name them are
// published. Writes nothing.
#pragma once

#include "app/verbs/verb.hpp"

#include <string>
#include <vector>

namespace danectl {

struct IssuersOptions {
  std::vector<std::string> names;
};

int issuers(const IssuersOptions& options, const Workshop& shop);

std::unique_ptr<Verb> issuers_verb();

}  // namespace danectl
