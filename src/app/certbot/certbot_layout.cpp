#include "app/certbot/certbot_layout.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>

namespace danectl {
namespace {

Error broken(const std::string& what) {
  return failed(what, "`certbot certificates` shows what certbot makes of it");
}

std::string folder_of(const std::string& path) {
  return std::filesystem::path(path).parent_path().string();
}

// One level of link only, as certbot reads it: the archived key itself may be a link to an earlier one.
Result<CertbotLink> read_link(Files& files, const RenewalConf& conf, std::string_view kind) {
  CertbotLink link{std::string(kind), link_path(conf, kind), {}, 0};
  const auto info = files.info(link.path);
  if (!info) return info.error();
  if (!*info) return broken("certbot's " + link.path + " is not there");
  if ((*info)->kind != FileInfo::Kind::link) return broken("certbot's " + link.path + " is not a link");
  auto target = files.read_link(link.path);
  if (!target) return target.error();
  const auto name_at = target->find_last_of('/') + 1;
  link.folder_part = target->substr(0, name_at);
  link.version = version_in(target->substr(name_at), kind);
  if (link.version == 0)
    return broken("certbot's " + link.path + " leads to " + *target + ", which is no archived file");
  const auto there = files.info_followed(link.path);
  if (!there) return there.error();
  if (!*there) return broken("certbot's " + link.path + " leads to " + *target + ", which is not there");
  return link;
}

// As written, with links in it.
std::string folder_behind(const CertbotLink& link) {
  const bool absolute = link.folder_part.starts_with('/');
  return absolute ? link.folder_part : folder_of(link.path) + "/" + link.folder_part;
}

std::string how_to_link(Files& files, const std::string& archive, const std::string& live) {
  const int version = newest_whole_version(files, archive);
  if (version == 0) return "archive_dir has no version with all four files: put them back from a backup";
  return "point the four links into archive_dir: `" + link_command(archive, version, live) + "`";
}

}  // namespace

int newest_whole_version(Files& files, const std::string& archive) {
  const auto names = files.list(archive);
  int newest = 0;
  if (!names) return newest;
  for (const std::string& name : *names) {
    const int version = version_in(name, "cert");
    const bool whole = std::all_of(certbot_kinds.begin(), certbot_kinds.end(), [&](std::string_view kind) {
      const std::string file = std::string(kind) + std::to_string(version) + ".pem";
      return std::find(names->begin(), names->end(), file) != names->end();
    });
    if (whole) newest = std::max(newest, version);
  }
  return newest;
}

std::string link_command(const std::string& archive, int version, const std::string& live) {
  return "for kind in cert chain fullchain privkey; do ln -sfn " + archive + "/${kind}" + std::to_string(version) +
         ".pem " + live + "/$kind.pem; done";
}

const std::string& link_path(const RenewalConf& conf, std::string_view kind) {
  if (kind == "privkey") return conf.privkey;
  if (kind == "chain") return conf.chain;
  if (kind == "fullchain") return conf.fullchain;
  return conf.cert;
}

std::string CertbotLayout::file(std::string_view kind, int version) const {
  return archive + "/" + std::string(kind) + std::to_string(version) + ".pem";
}

Result<CertbotLayout> read_certbot_layout(Files& files, const RenewalConf& conf) {
  auto archive = files.real_path(conf.archive_dir);
  if (!archive) {
    const bool forbidden = archive.error().kind == ErrorKind::no_permission;
    return Error{archive.error().kind, "the archive_dir of certbot's renewal conf: " + archive.error().what,
                 forbidden ? archive.error().hint : "put the folder back, or correct archive_dir for " + conf.cert};
  }
  CertbotLayout layout{std::move(*archive), {}};
  std::string known;  // a folder as written that is the archive; the four links name the same
  for (const auto kind : certbot_kinds) {
    auto link = read_link(files, conf, kind);
    if (!link) return link.error();
    if (const std::string folder = folder_behind(*link); folder != known) {
      const auto real = files.real_path(folder);
      if (!real) return real.error();
      if (*real != layout.archive) {
        return failed(
            "certbot's " + link->path + " leads into " + *real + ", but archive_dir is " + layout.archive,
            how_to_link(files, layout.archive, folder_of(link->path)) + "; until then certbot loses each renewal");
      }
      known = folder;
    }
    layout.links.push_back(std::move(*link));
  }
  return layout;
}

int version_in(std::string_view file_name, std::string_view kind) {
  if (!file_name.starts_with(kind) || !file_name.ends_with(".pem")) return 0;
  file_name.remove_prefix(kind.size());
  file_name.remove_suffix(4);
  int version = 0;
  const auto* end = file_name.data() + file_name.size();
  const auto [stopped, error] = std::from_chars(file_name.data(), end, version);
  return error == std::errc() && stopped == end && version > 0 ? version : 0;
}

}  // namespace danectl
