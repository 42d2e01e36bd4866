// How the records of a lineage's keys stand at one of its owners: current, next, retiring. Pure.
#pragma once

#include "core/check/check_records.hpp"

namespace danectl {

// REQUIRES: the owner is the lineage's, or stands in place of one that is; the look is secure and has a validated
// answer.
std::vector<Finding> check_keys(const RecordsCheck& check, const LineageFacts& lineage);

// What to do about a record that is missing.
std::string how_to_publish(const std::string& lineage);

// The same of a record of this lineage at the owner of the check.
std::string how_to_publish(const RecordsCheck& check, const LineageConfig& lineage);

}  // namespace danectl
