#include "app/host/trusted_files.hpp"

#include <fmt/format.h>

#include <filesystem>

#include <sys/stat.h>

namespace danectl {
namespace {

Status check_one(Files& files, const std::string& path) {
  const auto info = files.info_followed(path);
  if (!info) return info.error();
  if (!*info) return {};
  const std::string what = "it names programs that danectl starts as root";
  // In a folder like /tmp nobody can replace what is another's.
  const bool sticky = (*info)->kind == FileInfo::Kind::directory && ((*info)->mode & S_ISVTX) != 0;
  if (((*info)->mode & S_IWOTH) != 0 && !sticky) {
    return invalid(fmt::format("everybody may change {}: {}", path, what), "chmod o-w " + path);
  }
  if ((*info)->uid != 0) {
    return invalid(fmt::format("{} belongs to the user {}, who is not root: {}", path, (*info)->uid, what),
                   "chown root " + path);
  }
  return {};
}

}  // namespace

Status check_trusted(Files& files, const Settings& settings) {
  const std::string folder = std::filesystem::path(settings.path).parent_path().string();
  for (const std::string& path : {folder.empty() ? std::string(".") : folder, settings.path, settings.lineage_folder}) {
    if (auto good = check_one(files, path); !good) return good;
  }
  for (const LineageConfig& lineage : settings.lineages) {
    if (auto good = check_one(files, settings.lineage_path(lineage.name)); !good) return good;
  }
  return {};
}

}  // namespace danectl
