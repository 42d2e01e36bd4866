#include "app/host/permissions.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace danectl {
namespace {

constexpr mode_t written_by_others = 0022;
constexpr mode_t for_group_and_others = 0077;
constexpr mode_t for_others = 0007;

class Permissions {
 public:
  explicit Permissions(const Workshop& shop) : shop_(shop) {}

  AreaLook of(const std::vector<LineageConfig>& lineages) {
    const Settings& settings = shop_.settings;
    const Paths paths = shop_.paths();
    // What stands there is run by root: reload commands, publish hooks, certbot.
    for (const std::string& path :
         {std::filesystem::path(settings.path).parent_path().string(), settings.path, settings.lineage_folder,
          paths.state_dir(), paths.states(), paths.ledgers(), paths.live_root()}) {
      not_written(path);
    }
    for (const LineageConfig& lineage : lineages) not_written(settings.lineage_path(lineage.name));
    for (const std::string& path : {paths.next_root(), paths.candidates_root()}) {
      secret(path, for_group_and_others, "chmod 700 " + path);
    }
    // `work` itself is open, each folder in it is not.
    for (const LineageConfig& lineage : lineages) {
      secret(paths.work(lineage.name), for_group_and_others, "chmod 700 " + paths.work(lineage.name));
    }
    // The group may be a server's (`owner_group`).
    for (const LineageConfig& lineage : lineages) {
      for (const char* const file : {"/privkey.pem", "/combined.pem"}) {
        const std::string path = paths.live(lineage.name) + file;
        secret(path, for_others, "chmod o= " + path);
      }
    }
    if (seen_)
      look_.fine = fmt::format("nobody else may write {} and {}, or read the keys",
                               std::filesystem::path(settings.path).parent_path().string(), paths.state_dir());
    return std::move(look_);
  }

 private:
  void not_written(const std::string& path) {
    add(path, written_by_others, FindingId::others_may_write, "others may change", "chmod go-w " + path);
  }
  void secret(const std::string& path, mode_t forbidden, std::string remedy) {
    add(path, forbidden, FindingId::secret_readable, "others may read the keys in", std::move(remedy));
  }

  void add(const std::string& path, mode_t forbidden, FindingId id, const char* what, std::string remedy) {
    const auto info = shop_.files().info_followed(path);
    // Where a folder above it is closed to this user, it is closed to others.
    if (!info || !*info) return;
    seen_ = true;
    if (((*info)->mode & forbidden) == 0) return;
    look_.findings.push_back({id,
                              Severity::warning,
                              {},
                              {},
                              {},
                              {},
                              fmt::format("{} {}, which danectl uses as root (mode {:04o})", what, path,
                                          static_cast<unsigned>((*info)->mode)),
                              std::move(remedy)});
  }

  const Workshop& shop_;
  bool seen_ = false;
  AreaLook look_{.area = Area::permissions};
};

}  // namespace

AreaLook look_at_permissions(const Workshop& shop, const std::vector<LineageConfig>& lineages) {
  return Permissions(shop).of(lineages);
}

}  // namespace danectl
