#include "core/config/config.hpp"

#include "core/config/config_values.hpp"
#include "core/config/publish_config.hpp"
#include "core/config/toml_reader.hpp"

#include <fmt/format.h>

namespace danectl {

namespace {

constexpr const char* a_folder = "the absolute path of a folder";
constexpr const char* an_argv = "an array of strings, each one argument: [\"program\", \"--option\"]";
constexpr const char* resolvers =
    "\"system\", \"recursive\", or an array of addresses: [\"192.0.2.53\", \"[2001:db8::53]:5353\"]";

void read_resolver(TomlReader& reader, DnsConfig& dns) {
  const std::string key = "dns.resolver";
  const TomlValue* value = reader.ask(key);
  if (value == nullptr) return;
  if (value->kind == TomlValue::Kind::array) {
    dns.resolver = DnsConfig::Mode::servers;
    reader.convert_items(key, *value, dns.servers, dns_server, resolvers);
    if (value->items.empty()) reader.refuse(key, invalid("no server in it", resolvers));
    return;
  }
  const auto mode = [](std::string_view text) -> Result<DnsConfig::Mode> {
    if (text == "system") return DnsConfig::Mode::system;
    if (text == "recursive") return DnsConfig::Mode::recursive;
    return invalid(fmt::format("'{}' is not a way to resolve", text));
  };
  reader.convert(key, *value, dns.resolver, mode, resolvers);
}

void read_dns(TomlReader& reader, DnsConfig& dns) {
  read_resolver(reader, dns);
  reader.text("dns.trust_anchor", dns.trust_anchor, absolute_path_or_none, a_file);
  reader.text("dns.unbound_conf", dns.unbound_conf, absolute_path_or_none, a_file);
  reader.texts("dns.ignore", dns.ignore, IgnoreRule::parse, "an array of names, addresses or prefixes of servers");
  reader.text("dns.timeout", dns.timeout, positive_duration, a_duration);
  reader.text("dns.probe_timeout", dns.probe_timeout, positive_duration, a_duration);
}

void read_check(TomlReader& reader, CheckConfig& check) {
  reader.text("check.warning", check.warning, parse_duration, a_duration);
  reader.text("check.critical", check.critical, parse_duration, a_duration);
  reader.boolean("check.shared_keys", check.shared_keys, "true or false, without quotes");
  if (check.warning > check.critical) return;
  const bool warning_is_set = reader.has("check.warning");
  reader.refuse(warning_is_set ? "check.warning" : "check.critical",
                invalid(fmt::format("warning ({}) must be longer than critical ({})", duration_text(check.warning),
                                    duration_text(check.critical)),
                        "a warning comes before the certificate is critically near its end"));
}

}  // namespace

Config asking_from_root(Config config) {
  config.dns.resolver = DnsConfig::Mode::recursive;
  return config;
}

Result<Config> parse_config(std::string_view toml, const std::string& path) {
  auto reader = TomlReader::parse(toml, path);
  if (!reader) return reader.error();
  Config config;
  reader->text("certbot", config.certbot, program, "a program, found on PATH or by its absolute path");
  reader->text("certbot_dir", config.certbot_dir, absolute_path, a_folder);
  reader->argv("certbot_args", config.certbot_args, an_argv);
  reader->text("state_dir", config.state_dir, absolute_path, a_folder);
  read_dns(*reader, config.dns);
  read_check(*reader, config.check);
  read_publish(*reader, config);
  if (const Status status = reader->finish(); !status) return status.error();
  return config;
}

}  // namespace danectl
