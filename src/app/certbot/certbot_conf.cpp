#include "app/certbot/certbot_conf.hpp"

#include "core/base/nearest.hpp"

#include <filesystem>

namespace danectl {

std::string certbot_conf_path(const std::string& certbot_dir, const std::string& name) {
  return certbot_dir + "/renewal/" + name + ".conf";
}

Result<std::vector<std::string>> names_of_confs(Files& files, const std::string& certbot_dir) {
  constexpr std::string_view ending = ".conf";
  const auto confs = files.list(certbot_dir + "/renewal");
  if (!confs) return confs.error();
  std::vector<std::string> names;
  for (const std::string& file : *confs) {
    if (file.size() > ending.size() && file.ends_with(ending)) {
      names.push_back(file.substr(0, file.size() - ending.size()));
    }
  }
  return names;
}

Result<std::string> read_conf_text(Files& files, const std::string& certbot_dir, const std::string& name) {
  const auto path = certbot_conf_path(certbot_dir, name);
  const auto there = files.info_followed(path);
  if (!there) return there.error();
  if (!*there) {
    const auto known = names_of_confs(files, certbot_dir);
    return not_found("certbot has no lineage " + name + ": " + path + " is not there",
                     did_you_mean(name, known ? *known : std::vector<std::string>{},
                                  "`certbot certificates` lists the lineages there are"));
  }
  return files.read(path);
}

Status write_conf_text(Files& files, const std::string& path, std::string_view text) {
  const auto real = files.real_path(path);
  if (!real) return real.error();
  const auto info = files.info(*real);
  if (!info) return info.error();
  if (!*info) return failed("certbot's " + path + " has gone");
  const std::string folder = std::filesystem::path(*real).parent_path().string();
  if (auto cleared = files.remove_temporaries(folder); !cleared) return cleared;
  return files.write(*real, text, {(*info)->mode, (*info)->gid, (*info)->uid});
}

}  // namespace danectl
