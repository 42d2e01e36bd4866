#include "core/config/lineage_config.hpp"

#include "core/config/config_values.hpp"
#include "core/config/toml_reader.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

namespace danectl {

namespace {

constexpr const char* key_types =
    "\"same\", \"rsa-2048\", \"rsa-3072\", \"rsa-4096\", \"ecdsa-p256\" or \"ecdsa-p384\"";
constexpr const char* profile_lines = "\"3 1 1\", \"3 1 2\", \"2 1 1\" or \"2 1 2\"";
constexpr const char* rotations = "\"next\" or \"certbot\"";

Result<std::optional<KeyType>> key_type(std::string_view text) {
  if (text == "same") return std::optional<KeyType>();
  const auto type = parse_key_type(text);
  if (!type || *type == KeyType::other) return invalid(fmt::format("'{}' is not a type of key", text), key_types);
  return std::optional<KeyType>(*type);
}

Result<std::string> group_name(std::string_view text) {
  if (text.find_first_of("/:") == std::string_view::npos) return std::string(text);
  return invalid(fmt::format("'{}' is not the name of a group", text));
}

template <class T>
bool has_duplicate(std::vector<T> values) {
  std::sort(values.begin(), values.end());
  return std::adjacent_find(values.begin(), values.end()) != values.end();
}

void read_owners(TomlReader& reader, LineageConfig& lineage) {
  constexpr const char* owners = "the owners of its TLSA records: [\"_25._tcp.mx.example.com\"]";
  reader.texts("tlsa", lineage.tlsa, parse_tlsa_owner, owners);
  if (lineage.tlsa.empty()) {
    reader.refuse("tlsa", invalid(reader.has("tlsa") ? "no owner in it" : "is not there, and is needed", owners));
  }
  if (has_duplicate(lineage.tlsa)) reader.refuse("tlsa", invalid("names an owner twice", "name each owner once"));
}

void read_profile(TomlReader& reader, LineageConfig& lineage) {
  reader.texts("profile", lineage.profile, parse_profile_line, profile_lines);
  if (lineage.profile.empty()) reader.refuse("profile", invalid("nothing in it", profile_lines));
  if (has_duplicate(lineage.profile)) {
    reader.refuse("profile", invalid("has a line twice", "write each line once"));
  }
}

Result<std::string> absolute_path(std::string_view text) {
  if (text.empty() || text.starts_with('/')) return std::string(text);
  return invalid(fmt::format("'{}' is not an absolute path", text));
}

void read_issuers(TomlReader& reader, LineageConfig& lineage) {
  constexpr const char* paths = "an array of absolute paths of certificates, or folders of them";
  reader.texts("issuers", lineage.issuers, absolute_path, paths);
  if (std::find(lineage.issuers.begin(), lineage.issuers.end(), "") != lineage.issuers.end()) {
    reader.refuse("issuers", invalid("an empty path in it", paths));
  }
  reader.text("append_root", lineage.append_root, absolute_path, "the absolute path of a root certificate");
  for (const char* key : {"issuers", "append_root"}) {
    if (!reader.has(key) || lineage.names_issuers()) continue;
    reader.refuse(key, invalid("the profile has no line that names an issuer", "put \"2 1 1\" into the profile"));
  }
}

}  // namespace

bool LineageConfig::names_keys() const {
  return std::any_of(profile.begin(), profile.end(), [](const Group& group) { return group.usage == 3; });
}

bool LineageConfig::names_issuers() const {
  return std::any_of(profile.begin(), profile.end(), [](const Group& group) { return group.usage == 2; });
}

bool LineageConfig::stages_keys() const {
  return rotation == Rotation::next && names_keys();
}

Result<DnsName> parse_tlsa_owner(std::string_view text) {
  const auto name = DnsName::parse(text);
  if (!name) return invalid(name.error().what, "write port, protocol and host, as in _25._tcp.mx.example.com");
  if (const auto parts = parse_owner(*name); !parts) return parts.error();
  return *name;
}

Result<Group> parse_profile_line(std::string_view text) {
  Result<Group> group = Group::parse(text);
  if (!group) return group;
  const auto refused = [&](const char* why) {
    return invalid(fmt::format("'{}' {}", group->text(), why), profile_lines);
  };
  if (group->usage > 3) return refused("has a usage that does not exist");
  if (group->usage < 2) return refused("has a usage that mail servers cannot use (RFC 7672 section 3.1.3)");
  if (group->selector > 1) return refused("has a selector that does not exist");
  if (group->mtype == 0) {
    return refused("would publish the whole key or certificate; answers must stay small (RFC 7671 section 10.1.2)");
  }
  if (group->mtype > 2) return refused("has a matching type that does not exist");
  if (group->selector == 0 && group->usage == 2) {
    return refused("names the whole certificate of an issuer, while CAs issue others for the same key");
  }
  if (group->selector == 0) {
    return refused("names the whole certificate, which changes at each renewal, and the record would have to as well");
  }
  return *group;
}

Result<std::optional<Seconds>> parse_rollover(std::string_view text) {
  if (text == "manual") return std::optional<Seconds>();
  const auto age = positive_duration(text);
  if (!age) return invalid(age.error().what, "\"manual\", or the age of a key, such as \"90d\"");
  return std::optional<Seconds>(*age);
}

Result<Rotation> parse_rotation(std::string_view text) {
  if (text == "next") return Rotation::next;
  if (text == "certbot") return Rotation::certbot;
  return invalid(fmt::format("'{}' is not a way to rotate keys", text), rotations);
}

Result<LineageConfig> parse_lineage_config(std::string_view toml, const std::string& path, const std::string& name) {
  if (const Status status = check_lineage_name(name); !status) return status.error();
  auto reader = TomlReader::parse(toml, path);
  if (!reader) return reader.error();
  LineageConfig lineage;
  lineage.name = name;
  read_owners(*reader, lineage);
  read_profile(*reader, lineage);
  reader->text("rotation", lineage.rotation, parse_rotation, rotations);
  reader->text("key", lineage.key, key_type, key_types);
  reader->text("rollover", lineage.rollover, parse_rollover, "\"manual\", or the age of a key, such as \"90d\"");
  reader->text("min_hold", lineage.min_hold, parse_duration, a_duration);
  reader->text("retire_after", lineage.retire_after, parse_duration, a_duration);
  reader->commands("reload", lineage.reload, check_command,
                   "an array of commands, each an array of strings: [[\"systemctl\", \"reload\", \"postfix\"]]");
  reader->texts("probe", lineage.probe, ProbeUrl::parse, "an array of URLs: [\"smtp://mx.example.com:25\"]");
  read_issuers(*reader, lineage);
  reader->text("owner_group", lineage.owner_group, group_name, "the name of a group, or \"\"");
  reader->text("mode", lineage.mode, key_file_mode, "an octal file mode in quotes, \"0600\" or \"0640\"");
  if (const Status status = reader->finish(); !status) return status.error();
  return lineage;
}

Status check_lineage_name(std::string_view name) {
  constexpr std::size_t longest = 200;  // of 255 for a file's name: ".toml", ".json" and temporary names take some
  const auto control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
  if (std::any_of(name.begin(), name.end(), control)) {
    return invalid("the name of a lineage has a control character", "`certbot certificates` lists the names");
  }
  if (name.empty() || name.size() > longest || name.front() == '.' || name.front() == '-' ||
      name.find('/') != std::string_view::npos) {
    return invalid(fmt::format("'{}' is not the name of a lineage", name), "`certbot certificates` lists the names");
  }
  return {};
}

Status check_shared_owners(const std::vector<LineageConfig>& lineages) {
  const auto mtypes_of = [](const LineageConfig& lineage) {
    std::set<unsigned> mtypes;
    for (const Group& group : lineage.profile) mtypes.insert(group.mtype);
    return mtypes;
  };
  std::map<DnsName, const LineageConfig*> first_on;
  for (const LineageConfig& lineage : lineages) {
    for (const DnsName& owner : lineage.tlsa) {
      const LineageConfig& first = *first_on.emplace(owner, &lineage).first->second;
      const auto theirs = mtypes_of(first);
      const auto ours = mtypes_of(lineage);
      if (theirs == ours) continue;
      return invalid(
          fmt::format("lineages/{}.toml and lineages/{}.toml share the owner {}, but not the matching types of their "
                      "profiles ({} and {})",
                      first.name, lineage.name, owner.text(), fmt::join(theirs, " "), fmt::join(ours, " ")),
          "give both the same: a sender uses only the strongest digest, and would ignore the other lineage's records "
          "(RFC 7671 section 9)");
    }
  }
  return {};
}

}  // namespace danectl
