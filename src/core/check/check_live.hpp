// What `check` finds at the live servers. Pure.
#pragma once

#include "core/check/check_records.hpp"
#include "core/check/finding.hpp"
#include "core/check/probe_result.hpp"
#include "core/config/config.hpp"
#include "core/servers/loaded_file.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace danectl {

// One address of one probe, as the table of endpoints and the metrics show it.
struct EndpointView {
  ProbeUrl url;
  std::string lineage;  // empty: a host of others
  std::string address;  // empty: the host has none that could be found
  enum class Verdict {
    verified,      // every chain presented passes DANE against every server's RRset
    mismatch,      // one does not
    no_handshake,  // nothing was presented
    no_dane,       // presented, and there is no usable record to verify it by
    unknown,       // presented, and the records could not be looked up
    left_out,      // not asked
  } verdict = Verdict::unknown;
  std::string why;                    // unless verified
  std::map<Group, bool> groups;       // each usable published group: does it match what is presented?
  std::optional<WallTime> not_after;  // of the presented certificates the first to end
  std::string protocol;               // of those negotiated the lowest; empty: none
};

struct LiveCheck {
  const ProbeResult& result;
  const std::string& lineage;                 // whose probe it is; empty: a host of others
  const OwnerLook& look;                      // at the records that senders use for result.url.owner()
  const std::vector<LineageFacts>& lineages;  // on this owner; none: a host of others
  WallTime now;
  // Domains whose mail goes there: a certificate for one of them is as good as one for the host (RFC 7672
  // section 3.2.2).
  std::vector<std::string> mail_domains{};
  // The lineage of this host, whatever its owners, that has or had a key; empty: none.
  std::function<std::string(const KeyId&)> holder{};
  CheckConfig limits{};  // when the end of a certificate is a finding
  LoadedFiles loaded{};  // by the servers of this host
};

struct LiveReport {
  std::vector<Finding> findings;
  std::vector<EndpointView> endpoints;  // one for each address
};

LiveReport check_live(const LiveCheck& check);

}  // namespace danectl
