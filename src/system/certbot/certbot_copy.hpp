// The private copy of certbot's config dir in which a certificate for a chosen key is made. certbot takes the key of
// version 1 as the one to reuse, and writes version 2.
#pragma once

#include "core/base/time.hpp"
#include "core/certbot/renewal_conf.hpp"
#include "core/keys/certificate.hpp"
#include "core/keys/key_id.hpp"
#include "ports/files.hpp"

#include <optional>
#include <string>

namespace danectl {

class CertbotCopy {
 public:
  // `certbot_dir`: the real one, absolute. `root`: state_dir/work/NAME, absolute; it is there.
  CertbotCopy(Files& files, std::string certbot_dir, std::string root, std::string name);

  [[nodiscard]] const std::string& root() const { return root_; }
  [[nodiscard]] std::string config_dir() const { return root_ + "/config"; }
  [[nodiscard]] std::string work_dir() const { return root_ + "/work"; }
  [[nodiscard]] std::string logs_dir() const { return root_ + "/logs"; }

  // Waits for a certbot that an earlier danectl left at work in here.
  Status wait_for_earlier(Milliseconds longest);
  // Away with what was, and version 1 = the present certificate of the real lineage with `private_key` as its key.
  Status build(const std::string& private_key);
  // Whether certbot can write its log and its files in here: on a full file system a certificate would be lost that
  // counts against the CA's limits.
  Status check_room();
  // The chain of the newest version after the first, whatever its key; nothing: there is none.
  Result<std::optional<Chain>> made();
  // What a certbot made for this key, an earlier one or one that failed after it, if it is as good as a new one:
  // complete, for the same names as the present certificate, and with two thirds of its life left.
  std::optional<Chain> made_for(const KeyId& key, WallTime now);

 private:
  Status copy_conf();
  Status link_shared();
  Status copy_certificate(const std::string& private_key);
  Status write(const std::string& path, const std::string& content);
  [[nodiscard]] std::string archive() const { return config_dir() + "/archive/" + name_; }
  [[nodiscard]] std::string live(const std::string& kind) const;
  Result<RenewalConf> real_conf();

  Files& files_;
  std::string certbot_dir_;
  std::string root_;
  std::string name_;
};

}  // namespace danectl
