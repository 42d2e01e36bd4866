#include "app/frame/settings.hpp"

#include "app/frame/ca_certificates.hpp"
#include "core/base/nearest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

namespace danectl {
namespace {

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::optional<std::string> lineage_of_file(const std::string& file) {
  constexpr std::string_view ending = ".toml";
  if (file.size() <= ending.size() || !file.ends_with(ending) || file.front() == '.') return std::nullopt;
  return file.substr(0, file.size() - ending.size());
}

Error unusable(Error error) {
  error.kind = ErrorKind::invalid;
  return error;
}

// A group that is not there would only be missed when a key has to be written: after the CA was asked.
Status check_groups(Files& files, const Settings& settings) {
  std::set<std::string> asked;
  for (const LineageConfig& lineage : settings.lineages) {
    if (lineage.owner_group.empty() || !asked.insert(lineage.owner_group).second) continue;
    if (const auto group = files.group_id(lineage.owner_group); !group) {
      return invalid(
          fmt::format("{}: key \"owner_group\": {}", settings.lineage_path(lineage.name), group.error().what),
          "name a group that `getent group` shows, or leave the key out");
    }
  }
  return {};
}

Status read_lineages(Files& files, Settings& settings) {
  const auto names = enrolled_names(files, settings);
  if (!names) return unusable(names.error());
  CaCertificates cas(files);
  settings.lineages.reserve(names->size());
  for (const std::string& name : *names) {
    const std::string path = settings.lineage_path(name);
    if (auto good = check_lineage_name(name); !good) return invalid(path + ": " + good.error().what, good.error().hint);
    const auto text = files.read(path);
    if (!text) return unusable(text.error());
    auto lineage = parse_lineage_config(*text, path, name);
    if (!lineage) return lineage.error();
    if (auto read = cas.read_for(*lineage, path); !read) return read;
    settings.lineages.push_back(std::move(lineage).value());
  }
  if (auto good = check_groups(files, settings); !good) return good;
  return check_shared_owners(settings.lineages);
}

}  // namespace

Result<Config> read_config(Files& files, const ConfigPath& path) {
  const auto info = files.info_followed(path.path);
  if (!info) return unusable(info.error());
  if (!*info) {
    if (path.chosen == ConfigPath::Chosen::by_default) return Config{};
    return not_found(fmt::format("there is no configuration file {}", path.path),
                     "write it as danectl.toml(5) shows, or name another one with --config");
  }
  const auto text = files.read(path.path);
  if (!text) return unusable(text.error());
  return parse_config(*text, path.path);
}

Settings unread_settings(const ConfigPath& path) {
  Settings settings;
  settings.path = path.path;
  const std::string folder = folder_of(path.path);
  settings.lineage_folder = folder == "/" ? "/lineages" : folder + "/lineages";
  return settings;
}

Result<std::vector<std::string>> enrolled_names(Files& files, const Settings& settings) {
  const auto info = files.info_followed(settings.lineage_folder);
  if (!info) return info.error();
  std::vector<std::string> names;
  if (!*info) return names;
  const auto list = files.list(settings.lineage_folder);
  if (!list) return list.error();
  for (const std::string& file : *list) {
    if (auto name = lineage_of_file(file)) names.push_back(*std::move(name));
  }
  return names;
}

Result<Settings> read_settings(Files& files, const ConfigPath& path) {
  Settings settings = unread_settings(path);
  auto config = read_config(files, path);
  if (!config) return config.error();
  settings.config = std::move(config).value();
  if (auto read = read_lineages(files, settings); !read) return read.error();
  return settings;
}

namespace {

std::vector<std::string> names_of(const std::vector<LineageConfig>& lineages) {
  std::vector<std::string> names;
  names.reserve(lineages.size());
  for (const LineageConfig& lineage : lineages) names.push_back(lineage.name);
  return names;
}

}  // namespace

Result<std::vector<LineageConfig>> choose_lineages(const Settings& settings, const std::vector<std::string>& names) {
  if (names.empty()) return settings.lineages;
  std::vector<LineageConfig> chosen;
  for (const std::string& name : names) {
    const auto is_it = [&](const LineageConfig& lineage) { return lineage.name == name; };
    const auto found = std::find_if(settings.lineages.begin(), settings.lineages.end(), is_it);
    if (found == settings.lineages.end()) {
      return not_found(
          fmt::format("{} is not enrolled: there is no {}", name, settings.lineage_path(name)),
          did_you_mean(name, names_of(settings.lineages), fmt::format("danectl enroll {} --tlsa OWNER", name)));
    }
    if (std::none_of(chosen.begin(), chosen.end(), is_it)) chosen.push_back(*found);
  }
  return chosen;
}

}  // namespace danectl
