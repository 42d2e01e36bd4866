// The configuration of one lineage: lineages/NAME.toml (danectl.toml(5)), read as strictly as danectl.toml.
#pragma once

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/config/probe_url.hpp"
#include "core/dns/association.hpp"
#include "core/dns/dns_name.hpp"
#include "core/keys/certificate.hpp"
#include "core/keys/key_id.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace danectl {

enum class Rotation { next, certbot };

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
Result<LineageConfig> parse_lineage_config(std::string_view toml, const std::string& path, const std::string& name);

// The values of `tlsa`, `profile`, `rotation` and `rollover`, with the reasons where one is refused; for the options of
// `enroll` too.
Result<DnsName> parse_tlsa_owner(std::string_view text);
Result<Group> parse_profile_line(std::string_view text);
Result<Rotation> parse_rotation(std::string_view text);
Result<std::optional<Seconds>> parse_rollover(std::string_view text);

// A lineage name as certbot takes it and a file may bear it: not empty, no '/', not "." or "..", no leading '.' or '-'.
Status check_lineage_name(std::string_view name);

// Lineages that share an owner must use the same mtypes, or the stronger digest of one hides the weaker of the other
// (RFC 7671 section 9): ErrorKind::invalid, which names both files.
Status check_shared_owners(const std::vector<LineageConfig>& lineages);

}  // namespace danectl
