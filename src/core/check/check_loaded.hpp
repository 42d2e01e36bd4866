// What `check` finds in the files that the servers of this host load, and how one is made to serve what is deployed.
// Pure.
#pragma once

#include "core/check/finding.hpp"
#include "core/check/probe_result.hpp"
#include "core/config/lineage_config.hpp"
#include "core/servers/loaded_file.hpp"

#include <string>
#include <vector>

namespace danectl {

// Where records or probes of the lineage are of the server's port: elsewhere nobody checks DANE.
bool is_for_lineage(const ServerFile& file, const LineageConfig& lineage);

std::vector<Finding> check_loaded(const LoadedFiles& loaded, const LineageConfig& lineage);

// What to do where a server at this address does not serve what is deployed of the lineage: another folder, another
// host, or a reload, as far as that is known.
std::string how_to_serve(const LoadedFiles& loaded, const LineageConfig& lineage, const ProbeUrl& url,
                         const ProbedAddress& address);

}  // namespace danectl
