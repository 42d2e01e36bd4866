// The two ways in which `status` shows a lineage.
#pragma once

#include "app/frame/output.hpp"
#include "core/rollover/health.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace danectl {

struct LineageView {
  const LineageConfig& lineage;
  const Facts& facts;
  const std::vector<OwnerLook>& looks;  // empty: DNS was not asked
  const Report& report;
  std::string live;  // state_dir/live/NAME
  Instant now;
};

std::string status_text(const LineageView& view, const Output& output);

// The object of `status --json` (danectl(1)); what needs DNS is null when it was not asked.
nlohmann::ordered_json status_json(const LineageView& view);

// What one address of a server is short of, of all that the lineage wants published.
struct ServerView {
  DnsName name;
  std::string address;
  enum class Verdict { has_all, lacks, unknown, left_out } verdict;
  std::string why;
};
std::vector<ServerView> servers_of(const LineageView& view, const OwnerLook& look);

}  // namespace danectl
