#include "app/certbot/certbot_install.hpp"

#include "app/certbot/certbot_conf.hpp"
#include "app/certbot/certbot_layout.hpp"
#include "core/keys/key_material.hpp"

#include <algorithm>
#include <filesystem>
#include <map>

namespace danectl {
namespace {

std::string parent_of(const std::string& path) {
  return std::filesystem::path(path).parent_path().string();
}

std::string content_of(std::string_view kind, const KeyAndChain& material) {
  if (kind == "privkey") return material.private_key;
  if (kind == "chain") return material.chain.issuers_pem();
  if (kind == "fullchain") return material.chain.pem();
  return material.chain.leaf_pem();
}

bool same_certificates(const std::string& one, const std::string& other) {
  const auto first = parse_chain(one);
  const auto second = parse_chain(other);
  return first && second &&
         std::equal(first->certificates.begin(), first->certificates.end(), second->certificates.begin(),
                    second->certificates.end(),
                    [](const auto& a, const auto& b) { return a.fingerprint == b.fingerprint; });
}

// The same key or certificates, though the text may be written otherwise.
bool is_material(const std::string& content, std::string_view kind, const KeyAndChain& material) {
  const auto wanted = content_of(kind, material);
  if (content == wanted) return true;
  if (kind != "privkey") return same_certificates(content, wanted);
  const auto key = read_private_key(content);
  return key && *key == material.chain.leaf().key;
}

class Install {
 public:
  Install(Files& files, CertbotLayout layout, const KeyAndChain& material)
      : files_(files), layout_(std::move(layout)), material_(material) {}

  // Both locks are held: nobody else writes in these folders.
  Status run() {
    if (auto done = files_.remove_temporaries(layout_.archive); !done) return done;
    if (auto done = files_.remove_temporaries(live_parent()); !done) return done;
    if (auto done = read_versions(); !done) return done;
    auto target = choose_version();
    if (!target) return target.error();
    if (auto done = write_files(*target); !done) return done;
    return move_links(*target);
  }

 private:
  // Where a link is staged when live/ is on another file system than the archive: certbot deletes a lineage with
  // whatever is beside its live folder, but not with what is in it.
  [[nodiscard]] std::string live_parent() const { return parent_of(parent_of(layout_.links.front().path)); }

  Status read_versions() {
    const auto names = files_.list(layout_.archive);
    if (!names) return names.error();
    for (const auto& name : *names) {
      for (const auto kind : certbot_kinds) {
        if (const int version = version_in(name, kind); version > 0) versions_[version].push_back(kind);
      }
    }
    return {};
  }

  [[nodiscard]] bool has(int version, std::string_view kind) const {
    const auto found = versions_.find(version);
    return found != versions_.end() &&
           std::find(found->second.begin(), found->second.end(), kind) != found->second.end();
  }

  // Whether all there is of a version is this material, so that it can be completed under its number.
  Result<bool> is_ours(int version) {
    for (const auto kind : versions_[version]) {
      const auto content = files_.read(layout_.file(kind, version));
      if (!content) return content.error();
      if (!is_material(*content, kind, material_)) return false;
    }
    return true;
  }

  // The highest number if what bears it is this material, whole or in part: certbot's own version, or an install that
  // was cut. Otherwise the next: a higher complete version of something else would be linked by certbot's next renewal.
  Result<int> choose_version() {
    while (true) {
      const int highest = versions_.rbegin()->first;  // the links lead to at least one
      auto ours = is_ours(highest);
      if (!ours) return ours.error();
      if (*ours) return highest;
      if (!is_orphan(highest)) return highest + 1;
      if (auto done = remove_version(highest); !done) return done.error();
    }
  }

  // An install of other material, cut before its last file, `cert`; a key alone may also be left of a certbot that
  // died, and is as useless.
  [[nodiscard]] bool is_orphan(int version) const {
    const auto linked = [&](const CertbotLink& link) { return link.version >= version; };
    return has(version, "privkey") && !has(version, "cert") &&
           std::none_of(layout_.links.begin(), layout_.links.end(), linked);
  }

  Status remove_version(int version) {
    for (const auto kind : versions_[version]) {
      if (auto done = files_.remove(layout_.file(kind, version)); !done) return done;
    }
    versions_.erase(version);
    return {};
  }

  Status write_files(int version) {
    for (const auto kind : certbot_kinds) {
      if (has(version, kind)) continue;
      auto attributes = attributes_for(kind);
      if (!attributes) return attributes.error();
      if (auto done = files_.write(layout_.file(kind, version), content_of(kind, material_), *attributes); !done) {
        return done;
      }
    }
    return {};
  }

  // As certbot does it: what group and others could do with the key before, they can do with the next.
  Result<FileAttributes> attributes_for(std::string_view kind) {
    if (kind != "privkey") return FileAttributes{};
    const auto before = files_.info_followed(layout_.links.front().path);
    if (!before) return before.error();
    if (!*before) return failed("certbot's " + layout_.links.front().path + " has gone");
    return FileAttributes{static_cast<mode_t>(0600 | ((*before)->mode & 0074)), (*before)->gid, {}};
  }

  Status move_links(int version) {
    for (const auto& link : layout_.links) {
      if (link.version == version) continue;
      const auto target = link.folder_part + link.kind + std::to_string(version) + ".pem";
      auto done = files_.switch_link(link.path, target, layout_.archive);
      if (!done) done = files_.switch_link(link.path, target, live_parent());
      if (!done) return done;
    }
    return {};
  }

  Files& files_;
  CertbotLayout layout_;
  const KeyAndChain& material_;
  std::map<int, std::vector<std::string_view>> versions_;
};

// After the links: until then certbot refuses to renew a key of another type, which is safe.
Status set_key_type(Files& files, const std::string& certbot_dir, const std::string& name, KeyType type) {
  const auto path = certbot_conf_path(certbot_dir, name);
  const auto text = read_conf_text(files, certbot_dir, name);
  if (!text) return text.error();
  const auto edited = with_key_type(*text, type, path);
  if (!edited) return edited.error();
  return *edited == *text ? Status() : write_conf_text(files, path, *edited);
}

}  // namespace

Status install_as_next_version(Files& files, const std::string& certbot_dir, const std::string& name,
                               const KeyAndChain& material) {
  const auto key = read_private_key(material.private_key);
  if (!key) return key.error();
  if (*key != material.chain.leaf().key) return failed("the key to install for " + name + " is not the certificate's");
  const auto conf = read_conf_of(files, certbot_dir, name);
  if (!conf) return conf.error();
  auto layout = read_certbot_layout(files, *conf);
  if (!layout) return layout.error();
  if (auto done = Install(files, std::move(*layout), material).run(); !done) return done;
  return set_key_type(files, certbot_dir, name, key->type);
}

}  // namespace danectl
