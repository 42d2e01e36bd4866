// How the published records fit the chains that are presented and deployed. Pure.
#pragma once

#include "core/check/check_records.hpp"

namespace danectl {

std::vector<Finding> check_record_match(const RecordsCheck& check);

}  // namespace danectl
