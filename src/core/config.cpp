#include "core/config.hpp"

#include "core/config_values.hpp"
#include "core/toml_reader.hpp"

#include <fmt/format.h>

#include <limits>

namespace danectl {

namespace {

constexpr const char* a_folder = "the absolute path of a folder";
constexpr const char* a_file = "the absolute path of a file, or \"\"";
constexpr const char* a_duration = "a number and a unit: \"90s\", \"15m\", \"2h\", \"7d\"";
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
    if (value->items.empty()) reader.refuse(key, usage_error("no server in it", resolvers));
    return;
  }
  const auto mode = [](std::string_view text) -> Result<DnsConfig::Mode> {
    if (text == "system") return DnsConfig::Mode::system;
    if (text == "recursive") return DnsConfig::Mode::recursive;
    return usage_error(fmt::format("'{}' is not a way to resolve", text));
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
                usage_error(fmt::format("warning ({}) must be longer than critical ({})", duration_text(check.warning),
                                        duration_text(check.critical)),
                            "a warning comes before the certificate is critically near its end"));
}

// RFC 2181 section 8: 31 bits. Nought would let no resolver keep the records, and no hold-down tell anything.
Result<Seconds> ttl(std::string_view text) {
  auto span = positive_duration(text);
  if (span.ok() && *span > Seconds{std::numeric_limits<std::int32_t>::max()}) {
    return usage_error(fmt::format("'{}' is too long for a TTL", text),
                       "RFC 7671 section 13 advises a short one: \"1h\"");
  }
  return span;
}

void read_publish(TomlReader& reader, PublishConfig& publish) {
  reader.text("publish.method", publish.method, publish_method, "\"print\", \"nsupdate\", \"include\" or \"hook\"");
  reader.text("publish.ttl", publish.ttl, ttl, a_duration);
  reader.text("publish.server", publish.server, update_server,
              "a name or address, with a port if need be: \"ns1.example.com\", \"192.0.2.1:5353\"");
  reader.text("publish.key_file", publish.key_file, absolute_path_or_none, a_file);
  reader.text("publish.include_file", publish.include_file, absolute_path_or_none, a_file);
  reader.argv("publish.command", publish.command, an_argv);
  if (!publish.command.empty()) {
    if (const Status status = check_command(publish.command); !status) reader.refuse("publish.command", status.error());
  }
  if (publish.method == PublishMethod::include && publish.include_file.empty()) {
    reader.refuse("publish.method",
                  usage_error("\"include\" needs include_file", "name the file that the zone includes"));
  }
  if (publish.method == PublishMethod::include && publish.command.empty()) {
    reader.refuse("publish.method", usage_error("\"include\" needs command",
                                                "name the program that raises the serial and loads the zone"));
  }
  if (publish.method == PublishMethod::hook && publish.command.empty()) {
    reader.refuse("publish.method", usage_error("\"hook\" needs command", "name the program that changes DNS"));
  }
}

}  // namespace

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
  read_publish(*reader, config.publish);
  if (const Status status = reader->finish(); !status) return status.error();
  return config;
}

}  // namespace danectl
