// The configuration of danectl itself: danectl.toml (danectl.toml(5)). Strict: an unknown key, a wrong type or a bad
// value is ErrorKind::invalid, which names file, line and key.
#pragma once

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/dns/association.hpp"
#include "core/dns/dns_name.hpp"
#include "core/dns/ignore.hpp"

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

// The same without the resolver that is configured: names are looked up from the root.
Config asking_from_root(Config config);

// `path` is for the messages alone.
Result<Config> parse_config(std::string_view toml, const std::string& path);

}  // namespace danectl
