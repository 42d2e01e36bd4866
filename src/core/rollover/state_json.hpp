// The state as it is in its file.
#pragma once

#include "core/base/result.hpp"
#include "core/rollover/state.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace danectl {

// JSON, version 2; version 1 is read, too. Reading anything else: an error (failed) that names `path`.
std::string write_state(const State& state);
Result<State> read_state(std::string_view json, const std::string& path);

// Each value that differs, as its path in the file and "old -> new": for `-vv`.
std::vector<std::string> differences(const State& before, const State& after);

}  // namespace danectl
