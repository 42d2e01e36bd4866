// What `verify` found, for a person and for a script.
#pragma once

#include "core/keys/dane_verify.hpp"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <vector>

namespace danectl {

struct VerifyReport {
  std::optional<DaneMatch> match;  // of the whole RRset, wherever it was seen
  std::string why;                 // without a match
  std::string hint;                // what to do about it; may be empty
  struct GroupResult {
    Group group;
    std::string why;  // empty: it matches
  };
  std::vector<GroupResult> groups;  // those that a client could use, sorted
  struct Unusable {
    Association record;
    std::string why;
  };
  std::vector<Unusable> unusable;
  struct Fitting {
    Association record;
    int depth;
  };
  std::vector<Fitting> fitting;  // records that the chain would match
};

// Whole lines.
std::string verify_text(const VerifyReport& report, const Chain& chain);

// danectl(1), `verify --json`. A group that no client could use is there, too, as one that does not match.
nlohmann::ordered_json verify_json(const VerifyReport& report);

}  // namespace danectl
