// The words of a scenario for what differs from one call to the next: K1 for a key, I1 for the key of an issuer, X1 for
// that of a server which danectl does not know; +1h10m for a moment, counted from the beginning.
#pragma once

#include "core/base/time.hpp"
#include "core/dns/association.hpp"
#include "core/keys/key_id.hpp"

#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace danectl {

// What a scenario says wrongly, or what came otherwise than it says.
struct ScenarioError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Names {
 public:
  void add(const std::string& name, const KeyId& key);
  [[nodiscard]] bool knows(const std::string& name) const { return keys_.contains(name); }

  // "3 1 1 K1, 3 1 1 K2", or "nothing"; sorted as danectl sorts them.
  [[nodiscard]] RRset rrset(const std::string& text);
  // What danectl says, with these names in place of digests and with times from the beginning.
  [[nodiscard]] std::string in_words(std::string text) const;

 private:
  std::map<std::string, KeyId> keys_;
};

// "a, b" as a and b; blanks around each are left out.
std::vector<std::string> split(const std::string& text, const std::string& between);

// "+1d2h", "+10m": the span from the beginning.
Seconds parse_moment(const std::string& text);
std::string moment_text(Milliseconds since_beginning);

// Of every scenario.
WallTime beginning();

}  // namespace danectl
