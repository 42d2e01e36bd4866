#include "app/certbot/certbot_lineage.hpp"

#include "app/certbot/certbot_conf.hpp"
#include "app/certbot/certbot_layout.hpp"
#include "core/keys/key_material.hpp"

#include <algorithm>
#include <filesystem>

namespace danectl {
namespace {

Error unusable(const std::string& path, const std::string& why) {
  return failed("certbot's " + path + ": " + why, "`certbot certificates` shows what certbot makes of it");
}

Result<Chain> read_chain(Files& files, const std::string& path) {
  auto pem = files.read(path);
  if (!pem) return pem.error();
  auto chain = parse_chain(*pem);
  if (!chain) return unusable(path, chain.error().what);
  return chain;
}

bool same(const Certificate& one, const Certificate& other) {
  return one.fingerprint == other.fingerprint;
}

// chain.pem holds what follows the leaf in fullchain.pem: nothing, for a certificate without an issuer to send.
Status check_chain_file(Files& files, const std::string& path, const Chain& full) {
  auto pem = files.read(path);
  if (!pem) return pem.error();
  if (full.certificates.size() == 1 && pem->find("-----BEGIN") == std::string::npos) return {};
  const auto chain = parse_chain(*pem);
  if (!chain) return unusable(path, chain.error().what);
  if (!std::equal(full.certificates.begin() + 1, full.certificates.end(), chain->certificates.begin(),
                  chain->certificates.end(), same)) {
    return unusable(path, "is not what follows the certificate in fullchain.pem");
  }
  return {};
}

Status read_material(Files& files, CertbotLineage& lineage) {
  auto full = read_chain(files, lineage.conf.fullchain);
  if (!full) return full.error();
  const auto leaf = read_chain(files, lineage.conf.cert);
  if (!leaf) return leaf.error();
  if (!same(leaf->leaf(), full->leaf())) return unusable(lineage.conf.cert, "is not the first of fullchain.pem");
  if (auto done = check_chain_file(files, lineage.conf.chain, *full); !done) return done;

  auto pem = files.read(lineage.conf.privkey);
  if (!pem) return pem.error();
  const auto key = read_private_key(*pem);
  if (!key) return unusable(lineage.conf.privkey, key.error().what);
  if (*key != full->leaf().key) return unusable(lineage.conf.privkey, "is not the key of the certificate");
  lineage.chain = std::move(*full);
  lineage.private_key = std::move(*pem);
  return {};
}

}  // namespace

Result<CertbotLineage> read_certbot_lineage(Files& files, const std::string& certbot_dir, const std::string& name) {
  auto conf = read_conf_of(files, certbot_dir, name);
  if (!conf) return conf.error();
  CertbotLineage lineage{name, certbot_conf_path(certbot_dir, name), std::move(*conf), {}, {}, {}};
  lineage.live_folder = std::filesystem::path(lineage.conf.cert).parent_path().string();
  if (auto layout = read_certbot_layout(files, lineage.conf); !layout) return layout.error();
  if (auto done = read_material(files, lineage); !done) return done.error();
  return lineage;
}

Result<RenewalConf> read_conf_of(Files& files, const std::string& certbot_dir, const std::string& name) {
  const auto text = read_conf_text(files, certbot_dir, name);
  if (!text) return text.error();
  return read_renewal_conf(*text, certbot_conf_path(certbot_dir, name));
}

bool fits_key(const RenewalConf& conf, KeyType type) {
  return type == KeyType::other || conf.key_type == type;
}

Result<PutBack> put_reuse_key_back(Files& files, const std::string& certbot_dir, const std::string& name,
                                   KeyType type) {
  const auto path = certbot_conf_path(certbot_dir, name);
  const auto text = read_conf_text(files, certbot_dir, name);
  if (!text) return text.error();
  PutBack put{true, false};
  if (const auto conf = read_renewal_conf(*text, path)) put = {conf->reuse_key != true, !fits_key(*conf, type)};
  if (!put.reuse_key && !put.key_type) return put;
  auto edited = with_reuse_key(*text, path);
  if (edited) edited = with_key_type(*edited, type, path);
  if (!edited) return edited.error();
  if (auto done = write_conf_text(files, path, *edited); !done) return done.error();
  return put;
}

}  // namespace danectl
