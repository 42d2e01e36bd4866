#include "core/certbot/cli_ini.hpp"

#include "core/base/lines.hpp"
#include "core/certbot/key_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace danectl {
namespace {

constexpr std::array<std::string_view, 3> keys_with_value{"key-type", "rsa-key-size", "elliptic-curve"};
constexpr std::array<std::string_view, 3> switches{"new-key", "reuse-key", "no-reuse-key"};

// A key that ConfigArgParse does not know goes to certbot's command line without the dashes around it. There an
// abbreviation is understood. A switch does not come through, as it would get a value. Empty: another key.
std::string_view meant_by(std::string_view key) {
  const std::string_view name = key.starts_with("--") ? key.substr(2) : key;
  if (const auto* const found = std::find(switches.begin(), switches.end(), name); found != switches.end()) {
    return *found;
  }
  const std::size_t begin = key.find_first_not_of('-');
  if (begin == key.npos) return {};
  const std::string_view bare = key.substr(begin, key.find_last_not_of('-') + 1 - begin);
  const auto* const found = std::find_if(keys_with_value.begin(), keys_with_value.end(),
                                         [&](std::string_view known) { return known.starts_with(bare); });
  return found == keys_with_value.end() ? std::string_view() : *found;
}

// A comment begins at '#' or ';' after a blank.
std::string_view without_comment(std::string_view text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    const bool mark = text[i] == '#' || text[i] == ';';
    if (mark && line_blanks.find(text[i - 1]) != line_blanks.npos) return trimmed(text.substr(0, i));
  }
  return text;
}

std::string_view unquoted(std::string_view text) {
  const bool quoted = text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front();
  return quoted ? text.substr(1, text.size() - 2) : text;
}

std::optional<CliSetting> setting_of(std::string_view line) {
  line = without_comment(trimmed(line));
  const std::string_view no_setting = "#;[";
  if (line.empty() || no_setting.find(line.front()) != no_setting.npos || line.starts_with("---")) return std::nullopt;
  const std::size_t key_end = std::min(line.find_first_of(":=;# \t"), line.size());
  const std::string_view key = meant_by(line.substr(0, key_end));
  if (key.empty()) return std::nullopt;
  std::string_view value = trimmed(line.substr(key_end));
  const bool assigned = !value.empty() && (value.front() == ':' || value.front() == '=');
  if (assigned) value = trimmed(value.substr(1));
  const bool alone = value.empty() && !assigned;
  return CliSetting{std::string(key), alone ? "true" : std::string(unquoted(value)), {}, 0};
}

bool is_true(std::string value) {
  std::transform(value.begin(), value.end(), value.begin(), [](unsigned char c) { return std::tolower(c); });
  return value == "true" || value == "yes" || value == "1";
}

// certbot reads a size as Python reads a number: "+4096" and "04096" are 4096.
bool is_value(const CliSetting& setting, std::string_view wanted) {
  std::string_view value = setting.value;
  if (setting.key == "rsa-key-size") value.remove_prefix(std::min(value.find_first_not_of("+0"), value.size()));
  return value == wanted;
}

const CliSetting* last_of(const std::vector<CliSetting>& settings, std::string_view key) {
  const CliSetting* found = nullptr;
  for (const CliSetting& setting : settings) {
    if (setting.key == key) found = &setting;
  }
  return found;
}

std::string place(const CliSetting& setting) {
  return fmt::format("\"{} = {}\" in {} line {}", setting.key, setting.value, setting.file, setting.line);
}

Error another_key(const CliSetting& setting, std::string_view which) {
  return failed(
      fmt::format("{} lets {} make another key at each renewal, whatever the renewal conf says", place(setting), which),
      fmt::format("take that line out of {}", setting.file));
}

}  // namespace

std::vector<CliSetting> read_cli_ini(std::string_view text, const std::string& file) {
  std::vector<CliSetting> settings;
  for (int number = 1; !text.empty(); ++number) {
    if (auto setting = setting_of(take_line(text))) {
      setting->file = file;
      setting->line = number;
      std::erase_if(settings, [&](const CliSetting& before) { return before.key == setting->key; });
      settings.push_back(*std::move(setting));
    }
  }
  return settings;
}

bool reuses_keys_by_default(const std::vector<CliSetting>& settings) {
  const CliSetting* const reuse = last_of(settings, "reuse-key");
  return reuse != nullptr && is_true(reuse->value);
}

std::optional<Error> against_reuse(const std::vector<CliSetting>& settings, KeyType type) {
  const CliSetting* const fresh = last_of(settings, "new-key");
  if (fresh != nullptr && is_true(fresh->value)) return another_key(*fresh, "certbot");
  const CliSetting* const never = last_of(settings, "no-reuse-key");
  if (never != nullptr) return another_key(*never, is_true(never->value) ? "certbot" : "certbot 4");
  const CliSetting* const reuse = last_of(settings, "reuse-key");
  if (reuse != nullptr && !is_true(reuse->value)) return another_key(*reuse, "certbot 4");
  const auto wanted = key_options(type);
  if (!wanted) return std::nullopt;
  for (const auto& [key, value] :
       {std::pair{std::string_view("key-type"), wanted->type}, std::pair{wanted->size_option, wanted->size}}) {
    const CliSetting* const set = last_of(settings, key);
    if (set == nullptr || is_value(*set, value)) continue;
    return failed(fmt::format("{} differs from the key of the lineage ({}), and the key is reused: certbot refuses "
                              "each renewal",
                              place(*set), value),
                  fmt::format("take that line out of {}: the renewal conf says it for each lineage", set->file));
  }
  return std::nullopt;
}

}  // namespace danectl
