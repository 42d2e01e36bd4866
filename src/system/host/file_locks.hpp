// The two kinds of lock file. Both are open file description locks: they belong to this one opening of the file, so no
// other part of the process can drop them by closing the same file, and O_CLOEXEC keeps them out of the children.
#pragma once

#include "ports/files.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace danectl {

Result<std::unique_ptr<FileLock>> lock_file(const std::string& path, std::chrono::milliseconds wait);
Result<std::unique_ptr<FileLock>> lock_certbot_folder(const std::string& folder, std::chrono::milliseconds wait);

}  // namespace danectl
