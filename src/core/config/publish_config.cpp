#include "core/config/publish_config.hpp"

#include "core/config/config_values.hpp"
#include "core/config/toml_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace danectl {

namespace {

constexpr const char* a_zone = "a zone, or a name above the records: \"dane.example.net\"";

// RFC 2181 section 8: 31 bits. Nought would let no resolver keep the records, and no hold-down tell anything.
Result<Seconds> ttl(std::string_view text) {
  auto span = positive_duration(text);
  if (span.ok() && *span > Seconds{std::numeric_limits<std::int32_t>::max()}) {
    return invalid(fmt::format("'{}' is too long for a TTL", text), "RFC 7671 section 13 advises a short one: \"1h\"");
  }
  return span;
}

void demand_what_the_method_needs(TomlReader& reader, const std::string& table, const PublishConfig& publish) {
  const std::string key = table + ".method";
  if (publish.method == PublishMethod::include && publish.include_file.empty()) {
    reader.refuse(key, invalid("\"include\" needs include_file", "name the file that the zone includes"));
  }
  if (publish.method == PublishMethod::include && publish.command.empty()) {
    reader.refuse(key,
                  invalid("\"include\" needs command", "name the program that raises the serial and loads the zone"));
  }
  if (publish.method == PublishMethod::hook && publish.command.empty()) {
    reader.refuse(key, invalid("\"hook\" needs command", "name the program that changes DNS"));
  }
}

// What is not there stays as it is.
void read_section(TomlReader& reader, const std::string& table, PublishConfig& publish) {
  const auto key = [&](const char* name) { return fmt::format("{}.{}", table, name); };
  reader.text(key("method"), publish.method, publish_method, "\"print\", \"nsupdate\", \"include\" or \"hook\"");
  reader.text(key("ttl"), publish.ttl, ttl, "a number and a unit: \"90s\", \"15m\", \"2h\", \"7d\"");
  reader.text(key("server"), publish.server, update_server,
              "a name or address, with a port if need be: \"ns1.example.com\", \"192.0.2.1:5353\"");
  reader.text(key("key_file"), publish.key_file, absolute_path_or_none, a_file);
  reader.text(key("include_file"), publish.include_file, absolute_path_or_none, a_file);
  reader.argv(key("command"), publish.command, "an array of strings, each one argument: [\"program\", \"--option\"]");
  if (!publish.command.empty()) {
    if (const Status status = check_command(publish.command); !status) reader.refuse(key("command"), status.error());
  }
  bool as_unknown_type = publish.form == RecordForm::rfc3597;
  reader.boolean(key("rfc3597"), as_unknown_type, "true or false, without quotes");
  publish.form = as_unknown_type ? RecordForm::rfc3597 : RecordForm::tlsa;
  demand_what_the_method_needs(reader, table, publish);
}

bool share_a_file(const PublishConfig& one, const PublishConfig& another) {
  return one.method == PublishMethod::include && another.method == PublishMethod::include &&
         one.include_file == another.include_file;
}

void refuse_a_second_use(TomlReader& reader, const std::string& table, const Config& config, const PublishZone& zone) {
  const auto& known = config.publish_zones;
  if (std::any_of(known.begin(), known.end(), [&](const PublishZone& one) { return one.name == zone.name; })) {
    reader.refuse(table + ".name", invalid(fmt::format("'{}' has a section already", zone.name.text()),
                                           "put the keys of both into one section"));
  }
  // The zone file that includes it would be refused with the records of another zone in it.
  const PublishConfig* same = share_a_file(config.publish, zone.publish) ? &config.publish : nullptr;
  for (const PublishZone& one : known) {
    if (share_a_file(one.publish, zone.publish)) same = &one.publish;
  }
  if (same == nullptr) return;
  reader.refuse(table + ".include_file",
                invalid(fmt::format("{} is the file of {} already", zone.publish.include_file, same->section),
                        "one file serves one zone: name another, which this zone includes"));
}

}  // namespace

void read_publish(TomlReader& reader, Config& config) {
  read_section(reader, "publish", config.publish);
  for (const std::string& table : reader.tables("publish.zone", a_zone)) {
    PublishZone zone{{}, config.publish};
    const std::string name = table + ".name";
    reader.text(name, zone.name, DnsName::parse, a_zone);
    if (!reader.has(name)) reader.refuse(name, invalid("is not there, and is needed", a_zone));
    zone.publish.section = "[[publish.zone]] " + zone.name.text();
    read_section(reader, table, zone.publish);
    refuse_a_second_use(reader, table, config, zone);
    config.publish_zones.push_back(std::move(zone));
  }
}

const PublishConfig& publish_for(const Config& config, const DnsName& canonical) {
  const PublishZone* closest = nullptr;
  for (const PublishZone& zone : config.publish_zones) {
    if (!canonical.is_below_or_equal(zone.name)) continue;
    if (closest == nullptr || zone.name.is_below_or_equal(closest->name)) closest = &zone;
  }
  return closest == nullptr ? config.publish : closest->publish;
}

}  // namespace danectl
