// The ledger of an owner as it is in its file, owners/OWNER.json.
#pragma once

#include "core/base/result.hpp"
#include "core/rollover/versions.hpp"

#include <string>
#include <string_view>

namespace danectl {

// JSON, version 1. Reading anything else: an error (failed) that names `path`.
std::string write_ledger(const Ledger& ledger);
Result<Ledger> read_ledger(std::string_view json, const std::string& path);

}  // namespace danectl
