// Which lineage's files the servers of this host load: asks each by its own tool, postconf, doveconf, exim and nginx.
#pragma once

#include "app/store/workshop.hpp"
#include "core/servers/loaded_file.hpp"

namespace danectl {

// Of these lineages; what is of others is `elsewhere`. A program whose tool is not there is not there itself.
LoadedFiles read_loaded_files(const Workshop& shop, const std::vector<LineageConfig>& lineages);

}  // namespace danectl
