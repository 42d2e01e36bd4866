#include "system/certbot/certbot_copy.hpp"

#include "core/keys/key_material.hpp"

#include <array>

namespace danectl {
namespace {

constexpr std::array<const char*, 4> kinds{"cert", "privkey", "chain", "fullchain"};
constexpr mode_t private_folder = 0700;
constexpr std::size_t room_of_certbot = 256UL * 1024;  // bytes; its log takes 40 KiB, its files a page each

}  // namespace

CertbotCopy::CertbotCopy(Files& files, std::string certbot_dir, std::string root, std::string name)
    : files_(files), certbot_dir_(std::move(certbot_dir)), root_(std::move(root)), name_(std::move(name)) {}

std::string CertbotCopy::live(const std::string& kind) const {
  return config_dir() + "/live/" + name_ + "/" + kind + ".pem";
}

Status CertbotCopy::write(const std::string& path, const std::string& content) {
  return files_.write(path, content, {.mode = 0600});
}

Status CertbotCopy::wait_for_earlier(Milliseconds longest) {
  // Any of the three: a new copy may have been built since it took the first.
  for (const std::string& folder : {config_dir(), work_dir(), logs_dir()}) {
    const auto there = files_.info(folder);
    if (!there) return there.error();
    if (!*there) continue;
    const auto lock = files_.lock_as_certbot(folder, longest);
    if (lock) continue;
    if (lock.error().kind != ErrorKind::not_yet) return lock.error();
    return not_yet("an earlier certbot is still at work for " + name_ + " in " + folder,
                   "it was started by a danectl that was ended; try again when it has ended");
  }
  return {};
}

Status CertbotCopy::build(const std::string& private_key) {
  if (auto done = files_.remove_tree(config_dir()); !done) return done;
  for (const auto& folder : {work_dir(), logs_dir(), config_dir(), config_dir() + "/renewal", config_dir() + "/archive",
                             archive(), config_dir() + "/live", config_dir() + "/live/" + name_,
                             config_dir() + "/renewal-hooks", config_dir() + "/renewal-hooks/deploy"}) {
    if (auto done = files_.make_folder(folder, private_folder); !done) return done;
  }
  if (auto done = link_shared(); !done) return done;
  if (auto done = copy_certificate(private_key); !done) return done;
  return copy_conf();
}

// Accounts, and the hooks that a challenge may need; deploy hooks only run after the install, from the real folder.
Status CertbotCopy::link_shared() {
  for (const char* shared : {"accounts", "renewal-hooks/pre", "renewal-hooks/post"}) {
    const auto real = files_.info_followed(certbot_dir_ + "/" + shared);
    if (!real) return real.error();
    if (!*real) continue;
    if (auto done = files_.switch_link(config_dir() + "/" + shared, certbot_dir_ + "/" + shared); !done) return done;
  }
  return {};
}

Status CertbotCopy::copy_certificate(const std::string& private_key) {
  const auto conf = real_conf();
  if (!conf) return conf.error();
  for (const auto& [kind, from] :
       {std::pair{"cert", conf->cert}, std::pair{"chain", conf->chain}, std::pair{"fullchain", conf->fullchain}}) {
    const auto content = files_.read(from);
    if (!content) return content.error();
    if (auto done = write(archive() + "/" + kind + "1.pem", *content); !done) return done;
  }
  if (auto done = write(archive() + "/privkey1.pem", private_key); !done) return done;
  for (const std::string kind : kinds) {
    const auto target = "../../archive/" + name_ + "/" + kind + "1.pem";
    if (auto done = files_.switch_link(live(kind), target); !done) return done;
  }
  return {};
}

// Last, since without a conf certbot sees no lineage: a copy that was cut is not taken for one.
Status CertbotCopy::copy_conf() {
  const auto path = certbot_dir_ + "/renewal/" + name_ + ".conf";
  const auto text = files_.read(path);
  if (!text) return text.error();
  const RenewalConf paths{archive(), live("cert"), live("privkey"), live("chain"), live("fullchain"), {}, {}};
  const auto moved = with_paths(*text, paths, path);
  if (!moved) return moved.error();
  return write(config_dir() + "/renewal/" + name_ + ".conf", *moved);
}

Result<RenewalConf> CertbotCopy::real_conf() {
  const auto path = certbot_dir_ + "/renewal/" + name_ + ".conf";
  const auto text = files_.read(path);
  if (!text) return text.error();
  return read_renewal_conf(*text, path);
}

Status CertbotCopy::check_room() {
  const std::string path = root_ + "/room";
  Status written = write(path, std::string(room_of_certbot, '\0'));
  if (auto gone = files_.remove(path); !gone) return gone;
  return written;
}

// certbot writes one version in one run of a copy; its files are whole only when all four are there and fit, since a
// killed certbot may have left any of them half-written.
Result<std::optional<Chain>> CertbotCopy::made() {
  for (const std::string kind : kinds) {
    const auto there = files_.info_followed(archive() + "/" + kind + "2.pem");
    if (!there) return there.error();
    if (!*there) return std::optional<Chain>();
  }
  const auto full = files_.read(archive() + "/fullchain2.pem");
  if (!full) return full.error();
  auto chain = parse_chain(*full);
  if (!chain) return failed("certbot's " + archive() + "/fullchain2.pem: " + chain.error().what);
  const auto pem = files_.read(archive() + "/privkey2.pem");
  if (!pem) return pem.error();
  const auto key = read_private_key(*pem);
  if (!key) return failed("certbot's " + archive() + "/privkey2.pem: " + key.error().what);
  if (*key != chain->leaf().key) return failed("certbot's " + archive() + "/privkey2.pem is not the certificate's key");
  return std::optional(std::move(*chain));
}

std::optional<Chain> CertbotCopy::made_for(const KeyId& key, WallTime now) {
  auto chain = made();
  if (!chain || !*chain || (*chain)->leaf().key != key || !check_complete(**chain)) return std::nullopt;
  const auto& leaf = (*chain)->leaf();
  const auto life = leaf.not_after - leaf.not_before;
  if (now < leaf.not_before || leaf.not_after - now < life * 2 / 3) return std::nullopt;
  const auto conf = real_conf();
  if (!conf) return std::nullopt;
  const auto pem = files_.read(conf->cert);
  if (!pem) return std::nullopt;
  const auto present = parse_chain(*pem);
  if (!present || leaf.names != present->leaf().names) return std::nullopt;
  return std::move(*chain);
}

}  // namespace danectl
