// Starting the programs that the configuration names, and telling how one failed.
#pragma once

#include "app/store/workshop.hpp"

#include <string>

namespace danectl {

// Not started, or ended otherwise than with 0: an error, "SHOWN: exit code 3" and its last lines.
Status run_child(const Workshop& shop, const Command& command, const std::string& shown);

// "\n    line\n    line": the last ones, indented; empty for an empty text.
std::string last_lines(const std::string& text);

std::string joined(const std::vector<std::string>& words);

}  // namespace danectl
