// certbot's lineage in its real place: what it has, and `reuse_key` in its conf.
#pragma once

#include "core/certbot/renewal_conf.hpp"
#include "core/keys/certificate.hpp"
#include "ports/files.hpp"

#include <string>

namespace danectl {

struct CertbotLineage {
  std::string name;
  std::string conf_path;  // certbot_dir/renewal/NAME.conf
  RenewalConf conf;
  std::string live_folder;  // the folder of the conf's `cert`: certbot's RENEWED_LINEAGE
  Chain chain;              // what its links point at
  std::string private_key;  // PEM; the key of chain.leaf() (checked)
};

// What a key and its certificates are, ready to be written anywhere.
struct KeyAndChain {
  std::string private_key;  // PEM
  Chain chain;
};

// A lineage that certbot itself would take: the conf parses, all four links lead to files, the key fits the
// certificate, fullchain is cert and chain. Otherwise an error (failed) that names the file and what is wrong. A conf
// that is not there: ErrorKind::not_found, "certbot has no lineage NAME".
Result<CertbotLineage> read_certbot_lineage(Files& files, const std::string& certbot_dir, const std::string& name);

// Only the conf and the folder it names; works when keys may not be read.
Result<RenewalConf> read_conf_of(Files& files, const std::string& certbot_dir, const std::string& name);

// Whether certbot takes a key of this type for the one that the conf speaks of; of types that certbot does not make
// nothing can be said there.
bool fits_key(const RenewalConf& conf, KeyType type);

struct PutBack {
  bool reuse_key = false;  // it was not True
  bool key_type = false;   // the conf spoke of another type
};

// Edits the conf so that certbot goes on with its key, which is of this type: reuse_key is True, and key_type,
// rsa_key_size and elliptic_curve are as the key is. Mode, owner and group stay.
Result<PutBack> put_reuse_key_back(Files& files, const std::string& certbot_dir, const std::string& name, KeyType type);

}  // namespace danectl
