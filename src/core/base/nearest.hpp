// What a mistyped word may have been meant for.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace danectl {

// Of these the one with the fewest slips (a letter too many, too few, another one, or two neighbours swapped), if no
// more than one in three letters is one; of several the first. Nothing: none is near.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& known);

// For a hint: "did you mean KNOWN? " with what follows; `hint` alone where none is near.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& known, const std::string& hint);

}  // namespace danectl
