// A command as a person writes it on a command line.
#pragma once

#include "core/base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace danectl {

// Splits on blanks and quotes, as a shell would; anything that would need a shell is refused, and so are | ; & $ < >
// and back quotes wherever they stand. The result passes check_command.
Result<std::vector<std::string>> split_command(std::string_view text);

}  // namespace danectl
