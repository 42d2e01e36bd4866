// The configuration: danectl.toml and lineages/NAME.toml (danectl.toml(5)). Strict: an unknown key, a
// wrong type or a bad value is a usage error that names file, line and key.
#pragma once

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/dns/association.hpp"
#include "core/dns/dns_name.hpp"
#include "core/dns/ignore.hpp"
#include "core/keys/certificate.hpp"
#include "core/keys/key_id.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace danectl {

struct DnsConfig {
  enum class Mode { system, recursive, servers };
  Mode resolver = Mode::system;
  // For Mode::servers, in libunbound's form, which ub_ctx_set_fwd takes: "192.0.2.53", "192.0.2.53@5353",
  // "2001:db8::53@5353".
  std::vector<std::string> servers;
  std::string trust_anchor;  // empty: the first of the usual places
  std::string unbound_conf;
  std::vector<IgnoreRule> ignore;
  Seconds timeout{5};
  Seconds probe_timeout{10};
};

struct CheckConfig {
  Seconds warning{20 * 86400};
  Seconds critical{10 * 86400};
  bool shared_keys = true;  // false: a key that several lineages serve is a finding
};

enum class PublishMethod { print, nsupdate, include, hook };

struct PublishConfig {
  PublishMethod method = PublishMethod::print;
  Seconds ttl{3600};
  std::string server;  // as nsupdate takes it: "ns1.example.com", "192.0.2.1 5353"; configured with ':' before the port
  std::string key_file;
  std::string include_file;
  std::vector<std::string> command;
  RecordForm form = RecordForm::tlsa;
  std::string section = "[publish]";  // for messages: where these keys stand
};

// [[publish.zone]]: what holds for the names at and below `name`. Keys that it leaves out are those of [publish].
struct PublishZone {
  DnsName name;
  PublishConfig publish;
};

struct Config {
  std::string certbot = "certbot";
  std::string certbot_dir = "/etc/letsencrypt";
  std::vector<std::string> certbot_args;
  std::string state_dir = "/var/lib/danectl";
  DnsConfig dns;
  CheckConfig check;
  PublishConfig publish;
  std::vector<PublishZone> publish_zones;  // each name once
};

enum class Rotation { next, certbot };

// smtp|submission|imap|pop3 (STARTTLS), smtps|imaps|pop3s|tls
struct ProbeUrl {
  std::string scheme;
  DnsName host;
  std::uint16_t port = 0;
  std::string address;  // after '@'; empty: every address of the host

  // "smtp://mx.example.com:25", "smtp://mx.example.com:25@127.0.0.1"; the port may be left out where the scheme has
  // one.
  static Result<ProbeUrl> parse(std::string_view text);
  [[nodiscard]] std::string text() const;
  [[nodiscard]] DnsName owner() const;  // _25._tcp.mx.example.com
};

struct LineageConfig {
  std::string name;
  std::vector<DnsName> tlsa;
  std::vector<Group> profile{Group{3, 1, 1}};
  Rotation rotation = Rotation::next;
  std::optional<KeyType> key;       // nothing: "same"
  std::optional<Seconds> rollover;  // nothing: "manual"
  Seconds min_hold{0};
  Seconds retire_after{86400};
  std::vector<std::vector<std::string>> reload;
  std::vector<ProbeUrl> probe;
  std::vector<std::string> issuers;  // folders and files of further CA certificates
  std::string append_root;           // file of self-signed roots; empty: none
  std::string owner_group;           // empty: the process's
  unsigned mode = 0600;

  // What those two files hold; the settings read them.
  std::vector<Certificate> further_issuers;
  std::vector<Certificate> roots;
  // What could not be read of them, a sentence each: what it holds is not known. Of `append_root` that is only so where
  // this user may not read it.
  std::vector<std::string> unread_issuers;
  std::string unread_roots;

  // Whether a line of the profile names the server's own key (usage 3), and whether one names an issuer (usage 2).
  [[nodiscard]] bool names_keys() const;
  [[nodiscard]] bool names_issuers() const;
  // Whether danectl makes the next key: not where certbot does, nor where no record names it.
  [[nodiscard]] bool stages_keys() const;
};

// `path` is for the messages alone.
Result<Config> parse_config(std::string_view toml, const std::string& path);
Result<LineageConfig> parse_lineage_config(std::string_view toml, const std::string& path, const std::string& name);

// The values of `tlsa`, `profile` and `rotation`, with the reasons where one is refused; for the options of `enroll`
// too.
Result<DnsName> parse_tlsa_owner(std::string_view text);
Result<Group> parse_profile_line(std::string_view text);
Result<Rotation> parse_rotation(std::string_view text);

// One key a line, every key that `enroll` was given or that a reader should see, others left to their defaults.
std::string write_lineage_config(const LineageConfig& lineage);

// A lineage name as certbot takes it and a file may bear it: not empty, no '/', not "." or "..", no leading '.' or '-'.
Status check_lineage_name(std::string_view name);

// What danectl starts: a program found on PATH or by its absolute path (the working directory of a timer is not that of
// a person), and its arguments.
Status check_command(const std::vector<std::string>& argv);

// Splits on blanks and quotes, as a shell would; anything that would need a shell is refused, and so are | ; & $ < >
// and back quotes wherever they stand. The result passes check_command.
Result<std::vector<std::string>> split_command(std::string_view text);

// Lineages that share an owner must use the same mtypes, or the stronger digest of one hides the weaker of the other
// (RFC 7671 section 9): a usage error that names both files.
Status check_shared_owners(const std::vector<LineageConfig>& lineages);

}  // namespace danectl
