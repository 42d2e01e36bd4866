// The configuration as read from its files, and the choice of lineages a call is about.
#pragma once

#include "core/config/config.hpp"
#include "core/config/lineage_config.hpp"
#include "ports/files.hpp"

#include <string>
#include <vector>

namespace danectl {

struct Settings {
  std::string path;            // of danectl.toml
  std::string lineage_folder;  // `lineages` beside it
  Config config;
  std::vector<LineageConfig> lineages;  // enrolled, sorted by name

  [[nodiscard]] std::string lineage_path(const std::string& name) const {
    return lineage_folder + "/" + name + ".toml";
  }
};

inline constexpr const char* default_config_path = "/etc/danectl/danectl.toml";

// Where the configuration is, and whether somebody named it: a named one must exist, the default one need not.
struct ConfigPath {
  std::string path = default_config_path;
  enum class Chosen { by_default, by_a_person } chosen = Chosen::by_default;
};

// The paths alone; all else has its defaults.
Settings unread_settings(const ConfigPath& path);

// The lineages that have a file in `lineage_folder`, sorted by name; no file is read. No such folder: none.
Result<std::vector<std::string>> enrolled_names(Files& files, const Settings& settings);

// A file that cannot be read, a fault in one, an `owner_group` that this host does not have: ErrorKind::invalid. No
// file `path`, which a person named: ErrorKind::not_found. `read_config` reads danectl.toml alone.
Result<Config> read_config(Files& files, const ConfigPath& path);
Result<Settings> read_settings(Files& files, const ConfigPath& path);

// The lineages of these names, in the order given, each once; all of them when no name is given. One that is not
// enrolled: ErrorKind::not_found.
Result<std::vector<LineageConfig>> choose_lineages(const Settings& settings, const std::vector<std::string>& names);

}  // namespace danectl
