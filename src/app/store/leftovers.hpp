// What a call left behind that was cut: temporary files and links, and half a generation. No call reads them. Some hold
// a private key.
#pragma once

#include "app/store/workshop.hpp"
#include "ports/files.hpp"

#include <memory>
#include <string>

namespace danectl {

// Takes the lock (open_store), then clears the folders that all lineages share.
Result<std::unique_ptr<FileLock>> open_cleared_store(const Workshop& shop, Milliseconds wait);

// Clears the folders of one lineage. REQUIRES: the lock is held. What cannot be removed is warned of.
void clear_leftovers(const Workshop& shop, const std::string& name);

}  // namespace danectl
