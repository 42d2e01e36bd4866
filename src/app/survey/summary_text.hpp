// The summary of a survey, for a person and as JSON.
#pragma once

#include "core/survey/survey_summary.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>

namespace danectl {

struct SummaryView {
  const SurveySummary& counts;
  std::uint64_t repeated = 0;  // domains of the list that were there before
  // Lines that --output had when this call began, in a format that is not read again: not in `counts`.
  std::uint64_t not_counted = 0;
  bool probed = false;  // --probe
};

std::string summary_text(const SummaryView& view);
nlohmann::ordered_json summary_json(const SummaryView& view);

}  // namespace danectl
