// What `check` has to tell, in whichever of its four formats.
#pragma once

#include "app/frame/output.hpp"
#include "core/check/check_domain.hpp"
#include "core/check/check_live.hpp"
#include "core/check/finding.hpp"

#include <optional>
#include <string>
#include <vector>

namespace danectl {

enum class CheckFormat { text, json, nagios, prometheus };
Result<CheckFormat> parse_check_format(std::string_view text);

// The numbers of one lineage.
struct LineageGauges {
  std::string name;
  std::optional<WallTime> not_before;  // of the deployed certificate, as not_after
  std::optional<WallTime> not_after;
  std::optional<WallTime> next_ready;  // when the next key is or was ready; nothing: no next key, or not visible yet
  std::size_t candidates = 0;
  std::size_t retiring = 0;
  bool reload_pending = false;
};

// The numbers of one owner; its records, unless the look-up failed.
struct OwnerGauges {
  std::string owner;
  std::string_view dnssec;  // "secure", ...
  std::optional<std::size_t> records;
  std::optional<Seconds> ttl;
  std::optional<WallTime> signature_ends;  // the first of all servers
  std::vector<std::string> left_out;       // name servers that were not asked: "ns2.example.com 2001:db8::1: why"
};

struct CheckReport {
  WallTime now;
  std::vector<Finding> findings;        // in_order()
  std::vector<EndpointView> endpoints;  // in the order of the configuration
  std::vector<LineageGauges> lineages;
  std::vector<OwnerGauges> owners;
  std::vector<DomainView> domains{};  // in the order of the command line
  std::optional<WallTime> last_run;
  CheckConfig limits{};            // when the end of a certificate is a finding
  std::vector<OwnerLook> looks{};  // at the checked owners
  LoadedFiles loaded{};            // by the servers of this host; only where a lineage was checked
};

// The severity of the whole: of the worst finding, but UNKNOWN where nothing could be looked at and nothing is
// critical.
Severity status_of(const CheckReport& report);

// Wrong usage, a broken configuration, a NAME that is not enrolled: nothing was checked, which is UNKNOWN. A monitoring
// plugin says so in one line on standard output; to all others it is trouble. The exit code.
int cannot_check(const Error& error, CheckFormat format, const Output& output);

}  // namespace danectl
