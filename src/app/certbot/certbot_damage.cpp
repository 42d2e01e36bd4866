#include "app/certbot/certbot_damage.hpp"

#include "app/certbot/certbot_layout.hpp"
#include "app/certbot/certbot_lineage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>

namespace danectl {
namespace {

constexpr std::string_view each_kind = "for kind in cert chain fullchain privkey; do ";

std::string folder_of(const std::string& path) {
  return std::filesystem::path(path).parent_path().string();
}

class WayOut {
 public:
  WayOut(Files& files, const DamagedLineage& lineage, const RenewalConf& conf)
      : files_(files), lineage_(lineage), conf_(conf), live_(folder_of(conf.cert)) {}

  [[nodiscard]] Error of(Error error) const {
    if (auto found = paths_of_elsewhere()) return *std::move(found);
    const bool any_file = any_of_kind(FileInfo::Kind::regular);
    if (!any_file && any_of_kind(FileInfo::Kind::link) && any_gone()) {
      const int newest = newest_whole_version(files_, conf_.archive_dir);
      if (newest == 0) return archive_is_gone();
      error.hint = links_to(newest);
      return error;
    }
    if (!any_file || !all_readable()) return error;
    return failed(fmt::format("certbot's files in {} are not all links into {}", live_, conf_.archive_dir),
                  links_again());
  }

 private:
  [[nodiscard]] bool is_there(const std::string& path) const {
    const auto info = files_.info_followed(path);
    return info && *info;
  }

  // certbot in a container, in a chroot, or on the host that these files were copied from.
  [[nodiscard]] std::optional<Error> paths_of_elsewhere() const {
    const std::string below = "/live/" + lineage_.name;
    if (is_there(live_) || !live_.ends_with(below) || !is_there(lineage_.certbot_dir + below)) return std::nullopt;
    const std::string root = live_.substr(0, live_.size() - below.size());
    const std::string command =
        is_there(root) ? fmt::format("mount --bind {} {}, for good in /etc/fstab", lineage_.certbot_dir, root)
                       : fmt::format("mkdir -p {} && ln -s {} {}", folder_of(root), lineage_.certbot_dir, root);
    return failed(fmt::format("certbot's conf of {} says that its files are in {}, which does not exist, but {}{} "
                              "exists: does certbot run in a container, where {} has that other name?",
                              lineage_.name, live_, lineage_.certbot_dir, below, lineage_.certbot_dir),
                  fmt::format("let the name lead there on this host, too: {}", command));
  }

  [[nodiscard]] bool any_of_kind(FileInfo::Kind kind) const {
    return std::any_of(certbot_kinds.begin(), certbot_kinds.end(), [&](std::string_view one) {
      const auto info = files_.info(link_path(conf_, one));
      return info && *info && (*info)->kind == kind;
    });
  }

  [[nodiscard]] bool any_gone() const {
    return std::any_of(certbot_kinds.begin(), certbot_kinds.end(),
                       [&](std::string_view one) { return !is_there(link_path(conf_, one)); });
  }

  [[nodiscard]] bool all_readable() const {
    return std::all_of(certbot_kinds.begin(), certbot_kinds.end(),
                       [&](std::string_view one) { return files_.read(link_path(conf_, one)).ok(); });
  }

  [[nodiscard]] Error archive_is_gone() const {
    const std::string restore = fmt::format("restore {} from a backup", conf_.archive_dir);
    return failed(
        fmt::format("certbot's archive of {} is gone: the links in {} lead to files that are not there", lineage_.name,
                    live_),
        lineage_.live.empty()
            ? restore + "; without one, certbot has to make a new certificate"
            : fmt::format("{}, or put what is deployed in its place, which keeps the key: {}install -D -m 600 "
                          "{}/$kind.pem $(readlink -m {}/$kind.pem); done",
                          restore, each_kind, lineage_.live, live_));
  }

  // The archived version that the files are, or the number that a new version gets.
  struct Version {
    int number = 1;
    enum class Archived { there, missing } archived = Archived::missing;
  };
  [[nodiscard]] Version version() const {
    Version found;
    const auto cert = files_.read(conf_.cert);
    const auto names = files_.list(conf_.archive_dir);
    if (!cert || !names) return found;
    for (const std::string& name : *names) {
      const int number = version_in(name, "cert");
      if (number == 0) continue;
      const auto archived = files_.read(conf_.archive_dir + "/" + name);
      if (archived && *archived == *cert) return {number, Version::Archived::there};
      found.number = std::max(found.number, number + 1);
    }
    return found;
  }

  [[nodiscard]] std::string links_again() const {
    const Version files_are = version();
    if (files_are.archived == Version::Archived::there) return links_to(files_are.number);
    const std::string file = archived(files_are.number);
    const std::string link = live_ + "/$kind.pem";
    return fmt::format("certbot needs links there, and cannot renew: mkdir -p {}; {}cp {} {} && ln -sf {} {}; done",
                       conf_.archive_dir, each_kind, link, file, file, link);
  }

  [[nodiscard]] std::string links_to(int version) const {
    return "certbot needs links there, and cannot renew: " + link_command(conf_.archive_dir, version, live_);
  }

  // For the shell.
  [[nodiscard]] std::string archived(int version) const {
    return fmt::format("{}/${{kind}}{}.pem", conf_.archive_dir, version);
  }

  Files& files_;
  const DamagedLineage& lineage_;
  const RenewalConf& conf_;
  std::string live_;
};

}  // namespace

Error with_way_out(Files& files, const DamagedLineage& lineage, Error error) {
  if (error.kind == ErrorKind::no_permission) return error;
  const auto conf = read_conf_of(files, lineage.certbot_dir, lineage.name);
  if (!conf) return error;
  return WayOut(files, lineage, *conf).of(std::move(error));
}

}  // namespace danectl
