// certbot's renewal/NAME.conf, as text: what danectl must know of it, and the few edits it makes. Edits keep every
// other byte, since the file is certbot's and people's.
#pragma once

#include "core/base/result.hpp"
#include "core/certbot/renewal_rule.hpp"
#include "core/keys/key_id.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace danectl {

struct RenewalConf {
  // The five path keys at the top, as written.
  std::string archive_dir;
  std::string cert;
  std::string privkey;
  std::string chain;
  std::string fullchain;
  // Of [renewalparams]:
  std::optional<bool> reuse_key;  // nothing: not there
  std::string renew_hook;         // empty: none
  // What key_type, rsa_key_size and elliptic_curve mean to certbot, which refuses to reuse a key of another type.
  KeyType key_type = KeyType::other;
  RenewalRule renewal{};
};

// `path` is for messages. A path key or the section missing, or a reuse_key that is neither True nor False: an error
// that names the file and the line.
Result<RenewalConf> read_renewal_conf(std::string_view text, const std::string& path);

// reuse_key = True, in place or directly below [renewalparams].
Result<std::string> with_reuse_key(std::string_view text, const std::string& path);

// key_type, rsa_key_size and elliptic_curve as certbot writes them for this type (FACTS: absent sizes mean 2048 and
// P-256, an absent key_type RSA). A text that already means this type stays as it is; so does one for a type danectl
// does not make.
Result<std::string> with_key_type(std::string_view text, KeyType type, const std::string& path);

// The text for a private copy: the five path keys assigned, each its own line, all else kept.
Result<std::string> with_paths(std::string_view text, const RenewalConf& paths, const std::string& path);

}  // namespace danectl
