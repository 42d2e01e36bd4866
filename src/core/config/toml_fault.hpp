#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace danectl {

struct TomlFault {
  std::size_t line;
  std::string_view what;
};

// What toml++ 3.3 must not be given, outside strings and comments:
// - a character that is not ASCII, where TOML 1.0 knows none: its tables of blanks are read past their end by some of
//   them (U+FEF9 to U+FEFC);
// - a line with more dots than any key of ours has: dotted keys are nested as deep as they come, and destroyed by
//   recursion until the stack ends.
std::optional<TomlFault> find_toml_fault(std::string_view toml);

}  // namespace danectl
