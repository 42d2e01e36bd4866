// A lineage on real files as certbot lays it out, and what could be installed in it.
#pragma once

#include "app/certbot/certbot_install.hpp"
#include "app/certbot/certbot_lineage.hpp"
#include "fakes/temporary_folder.hpp"
#include "fakes/test_chain.hpp"
#include "system/host/posix_files.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace danectl {

inline const std::vector<std::string> lineage_kinds{"cert", "privkey", "chain", "fullchain"};

inline KeyAndChain new_material(KeyType type = KeyType::ecdsa_p256) {
  const auto key = test_key(type);
  return {key, new_chain(key)};
}

inline std::string lineage_file(const std::string& kind, const KeyAndChain& of) {
  if (kind == "privkey") return of.private_key;
  if (kind == "chain") return of.chain.issuers_pem();
  return kind == "cert" ? of.chain.leaf_pem() : of.chain.pem();
}

// Each part may lie elsewhere: change the public members before make().
class TestLineage {
 public:
  explicit TestLineage(std::string name = "mx.example.lab") : name_(std::move(name)) {
    certbot_dir_ = folder_ / "letsencrypt";
    lay_out();
  }
  // In certbot's folder beside another one, which outlives it.
  TestLineage(std::string name, const TestLineage& beside) : name_(std::move(name)) {
    certbot_dir_ = beside.certbot_dir();
    lay_out();
  }

  void make(const KeyAndChain& first, const std::string& params = "key_type = ecdsa\n") {
    for (const auto& folder : {archive_, live_, certbot_dir() + "/renewal"}) {
      REQUIRE(files.make_folder(folder, 0755).ok());
    }
    add_version(1, first);
    std::string conf = "version = 2.1.0\narchive_dir = " + archive_ + "\n";
    for (const auto& kind : lineage_kinds) {
      conf += kind + " = " + link(kind) + "\n";
      REQUIRE(files.switch_link(link(kind), link_folder_ + kind + "1.pem", {}).ok());
    }
    REQUIRE(files.write(conf_path(), conf + "\n[renewalparams]\nreuse_key = True\n" + params, {}).ok());
  }
  void add_version(int version, const KeyAndChain& of) {
    for (const auto& kind : lineage_kinds) add_file(kind, version, lineage_file(kind, of));
  }
  void add_file(const std::string& kind, int version, const std::string& text) {
    const mode_t mode = kind == "privkey" ? 0600 : 0644;
    REQUIRE(files.write(archived(kind, version), text, {.mode = mode}).ok());
  }
  void check_complete(const KeyAndChain& expected, int version) {
    const auto read = read_certbot_lineage(files, certbot_dir(), name_);
    if (!read) FAIL(read.error().what);
    CHECK(read->private_key == expected.private_key);
    CHECK(read->chain.pem() == expected.chain.pem());
    for (const auto& kind : lineage_kinds) {
      CHECK(files.read_link(link(kind)).value() == link_folder_ + kind + std::to_string(version) + ".pem");
    }
    check_no_strays();
  }
  void check_no_strays() {
    CHECK(files.list(live_).value().size() == 4);
    for (const auto& folder : {archive_, certbot_dir() + "/renewal", certbot_dir() + "/live"}) {
      const std::vector<std::string> names = files.list(folder).value();
      for (const auto& file : names) CHECK_FALSE(file.starts_with('.'));
    }
  }
  Status install(const KeyAndChain& of) { return install_as_next_version(files, certbot_dir(), name_, of); }

  [[nodiscard]] const std::string& certbot_dir() const { return certbot_dir_; }
  [[nodiscard]] std::string conf_path() const { return certbot_dir() + "/renewal/" + name_ + ".conf"; }
  [[nodiscard]] std::string link(const std::string& kind) const { return live_ + "/" + kind + ".pem"; }
  [[nodiscard]] std::string archived(const std::string& kind, int version) const {
    return archive_ + "/" + kind + std::to_string(version) + ".pem";
  }
  [[nodiscard]] std::string folder(const std::string& below) const { return folder_ / below; }

  PosixFiles files;
  std::string name_;
  std::string archive_;
  std::string live_;
  std::string link_folder_;

 private:
  void lay_out() {
    archive_ = certbot_dir() + "/archive/" + name_;
    live_ = certbot_dir() + "/live/" + name_;
    link_folder_ = "../../archive/" + name_ + "/";
  }

  TemporaryFolder folder_;
  std::string certbot_dir_;
};

}  // namespace danectl
