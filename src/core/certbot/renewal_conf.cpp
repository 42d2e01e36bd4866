#include "core/certbot/renewal_conf.hpp"

#include "core/certbot/config_obj.hpp"
#include "core/certbot/key_options.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace danectl {
namespace {

constexpr std::string_view params = "renewalparams";

Error without(const std::string& path, std::string_view what) {
  return failed("certbot's " + path + " has no " + std::string(what),
                "certbot writes it when it issues: has it made this lineage?");
}

Result<std::string> path_key(const ConfigObjText& conf, std::string_view key, const std::string& path) {
  const auto* entry = conf.find({}, key);
  if (entry == nullptr || entry->value.empty()) return without(path, key);
  return entry->value;
}

Result<std::optional<bool>> reuse_key_of(const ConfigObjText& conf, const std::string& path) {
  const auto* entry = conf.find(params, "reuse_key");
  if (entry == nullptr) return std::optional<bool>();
  std::string value = entry->value;
  std::transform(value.begin(), value.end(), value.begin(), [](unsigned char c) { return std::tolower(c); });
  if (value == "true") return std::optional(true);
  if (value == "false") return std::optional(false);
  return failed("certbot's " + path + " line " + std::to_string(entry->line) + ": reuse_key is \"" + entry->value +
                    "\", and certbot takes only True or False",
                "correct it, or certbot will not renew this lineage");
}

// As ConfigObj's as_bool, which certbot asks.
bool is_false(std::string value) {
  std::transform(value.begin(), value.end(), value.begin(), [](unsigned char c) { return std::tolower(c); });
  return value == "false" || value == "no" || value == "off" || value == "0";
}

RenewalRule renewal_rule(const ConfigObjText& conf) {
  RenewalRule rule;
  if (const auto* before = conf.find({}, "renew_before_expiry")) rule.before_expiry = parse_interval(before->value);
  if (const auto* automatic = conf.find(params, "autorenew")) rule.automatic = !is_false(automatic->value);
  if (const auto* version = conf.find({}, "version")) {
    std::from_chars(version->value.data(), version->value.data() + version->value.size(), rule.certbot);
  }
  return rule;
}

std::string_view line_end_of(std::string_view text) {
  const auto end = text.find('\n');
  return end != text.npos && end > 0 && text[end - 1] == '\r' ? "\r\n" : "\n";
}

// A new line at `at`, the beginning of a line or the end of a file that may lack its last line end.
std::string with_line(std::string_view text, std::size_t at, std::string_view line) {
  const auto line_end = line_end_of(text);
  std::string edited(text.substr(0, at));
  if (at > 0 && at == text.size() && edited.back() != '\n' && edited.back() != '\r') edited.append(line_end);
  return edited.append(line).append(line_end).append(text.substr(at));
}

std::string with_value(std::string_view text, const ConfigObjEntry& entry, std::string_view value) {
  return std::string(text.substr(0, entry.value_begin)).append(value).append(text.substr(entry.value_end));
}

// The key assigned in [renewalparams], or taken out of it. A new key goes directly below the section's line: at the end
// of the file it would land in a subsection such as [[webroot_map]].
Result<std::string> with_param(std::string_view text, std::string_view key, std::optional<std::string_view> value,
                               const std::string& path) {
  auto conf = read_config_obj(text, path);
  if (!conf) return conf.error();
  const auto* section = conf->section(params);
  if (section == nullptr) return without(path, "section [renewalparams]");
  const auto* entry = conf->find(params, key);
  if (entry == nullptr && !value) return std::string(text);
  if (entry == nullptr) return with_line(text, section->end, std::string(key) + " = " + std::string(*value));
  if (value) return with_value(text, *entry, *value);
  return std::string(text.substr(0, entry->begin)).append(text.substr(entry->end));
}

struct KeyParams {
  std::string_view type;
  std::optional<std::string_view> rsa_size;
  std::optional<std::string_view> curve;
};

constexpr std::string_view default_rsa_size = "2048";
constexpr std::string_view default_curve = "secp256r1";

// As certbot writes them: without a size that is the default.
std::optional<KeyParams> key_params(KeyType type) {
  const auto options = key_options(type);
  if (!options) return std::nullopt;
  KeyParams wanted{options->type, {}, {}};
  if (options->size == default_rsa_size || options->size == default_curve) return wanted;
  (options->size_option == "rsa-key-size" ? wanted.rsa_size : wanted.curve) = options->size;
  return wanted;
}

// What certbot makes of the three keys; one that is not there means RSA, 2048 bits, P-256.
bool means(const ConfigObjText& conf, const KeyParams& wanted) {
  const auto value = [&](std::string_view key, std::string_view fallback) {
    const auto* entry = conf.find(params, key);
    return std::string_view(entry == nullptr ? fallback : std::string_view(entry->value));
  };
  if (value("key_type", "rsa") != wanted.type) return false;
  if (wanted.type == "rsa")
    return value("rsa_key_size", default_rsa_size) == wanted.rsa_size.value_or(default_rsa_size);
  return value("elliptic_curve", default_curve) == wanted.curve.value_or(default_curve);
}

Result<std::string> with_path(std::string_view text, std::string_view key, const std::string& value,
                              const std::string& path) {
  auto conf = read_config_obj(text, path);
  if (!conf) return conf.error();
  const auto written = config_obj_value(value);
  if (const auto* entry = conf->find({}, key)) return with_value(text, *entry, written);
  return with_line(text, conf->sections.front().end, std::string(key) + " = " + written);
}

}  // namespace

Result<RenewalConf> read_renewal_conf(std::string_view text, const std::string& path) {
  auto conf = read_config_obj(text, path);
  if (!conf) return conf.error();
  RenewalConf found;
  for (auto [key, into] : {std::pair{"archive_dir", &found.archive_dir}, std::pair{"cert", &found.cert},
                           std::pair{"privkey", &found.privkey}, std::pair{"chain", &found.chain},
                           std::pair{"fullchain", &found.fullchain}}) {
    auto value = path_key(*conf, key, path);
    if (!value) return value.error();
    *into = std::move(*value);
  }
  if (conf->section(params) == nullptr) return without(path, "section [renewalparams]");
  auto reuse_key = reuse_key_of(*conf, path);
  if (!reuse_key) return reuse_key.error();
  found.reuse_key = *reuse_key;
  // Older certbots wrote the word None for what is not set.
  const auto* hook = conf->find(params, "renew_hook");
  if (hook != nullptr && hook->value != "None") found.renew_hook = hook->value;
  for (const KeyType type :
       {KeyType::rsa_2048, KeyType::rsa_3072, KeyType::rsa_4096, KeyType::ecdsa_p256, KeyType::ecdsa_p384}) {
    if (means(*conf, *key_params(type))) found.key_type = type;
  }
  found.renewal = renewal_rule(*conf);
  return found;
}

Result<std::string> with_reuse_key(std::string_view text, const std::string& path) {
  return with_param(text, "reuse_key", "True", path);
}

Result<std::string> with_key_type(std::string_view text, KeyType type, const std::string& path) {
  const auto wanted = key_params(type);
  if (!wanted) return std::string(text);
  const auto conf = read_config_obj(text, path);
  if (!conf) return conf.error();
  if (means(*conf, *wanted)) return std::string(text);
  auto edited = with_param(text, "elliptic_curve", wanted->curve, path);
  if (edited) edited = with_param(*edited, "rsa_key_size", wanted->rsa_size, path);
  if (edited) edited = with_param(*edited, "key_type", wanted->type, path);
  return edited;
}

Result<std::string> with_paths(std::string_view text, const RenewalConf& paths, const std::string& path) {
  auto edited = with_path(text, "archive_dir", paths.archive_dir, path);
  if (edited) edited = with_path(*edited, "cert", paths.cert, path);
  if (edited) edited = with_path(*edited, "privkey", paths.privkey, path);
  if (edited) edited = with_path(*edited, "chain", paths.chain, path);
  if (edited) edited = with_path(*edited, "fullchain", paths.fullchain, path);
  return edited;
}

}  // namespace danectl
