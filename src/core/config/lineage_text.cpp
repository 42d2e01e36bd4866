#include "core/config/lineage_text.hpp"

#include "core/config/config_values.hpp"
#include "core/config/toml_reader.hpp"

#include <fmt/ranges.h>

namespace danectl {

namespace {

std::string toml_array(const std::vector<std::string>& values) {
  std::vector<std::string> quoted;
  quoted.reserve(values.size());
  for (const std::string& value : values) quoted.push_back(toml_string(value));
  return fmt::format("[{}]", fmt::join(quoted, ", "));
}

template <class T, class Text>
std::vector<std::string> each(const std::vector<T>& values, Text text) {
  std::vector<std::string> texts;
  texts.reserve(values.size());
  for (const T& value : values) texts.push_back(text(value));
  return texts;
}

}  // namespace

std::string write_lineage_config(const LineageConfig& lineage) {
  const LineageConfig defaults;
  std::string text = "# danectl.toml(5) describes all keys\n";
  const auto line = [&](std::string_view key, const std::string& value) {
    text += fmt::format("{} = {}\n", key, value);
  };

  line("tlsa", toml_array(each(lineage.tlsa, [](const DnsName& owner) { return owner.text(); })));
  line("profile", toml_array(each(lineage.profile, [](const Group& group) { return group.text(); })));
  line("rotation", lineage.rotation == Rotation::next ? "\"next\"" : "\"certbot\"");
  if (lineage.key) line("key", toml_string(to_text(*lineage.key)));
  if (lineage.rollover) line("rollover", toml_string(duration_text(*lineage.rollover)));
  if (lineage.min_hold != defaults.min_hold) line("min_hold", toml_string(duration_text(lineage.min_hold)));
  if (lineage.retire_after != defaults.retire_after) {
    line("retire_after", toml_string(duration_text(lineage.retire_after)));
  }
  if (!lineage.reload.empty()) {
    line("reload", fmt::format("[{}]", fmt::join(each(lineage.reload, toml_array), ", ")));
  }
  if (!lineage.probe.empty()) {
    line("probe", toml_array(each(lineage.probe, [](const ProbeUrl& url) { return url.text(); })));
  }
  if (!lineage.issuers.empty()) line("issuers", toml_array(lineage.issuers));
  if (!lineage.append_root.empty()) line("append_root", toml_string(lineage.append_root));
  if (!lineage.owner_group.empty()) line("owner_group", toml_string(lineage.owner_group));
  if (lineage.mode != defaults.mode) line("mode", fmt::format("\"{:04o}\"", lineage.mode));
  return text;
}

}  // namespace danectl
