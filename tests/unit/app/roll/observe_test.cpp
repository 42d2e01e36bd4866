#include "app/roll/observe.hpp"

#include "app/store/generations.hpp"
#include "app/store/store.hpp"
#include "core/keys/openssl_ptr.hpp"
#include "fakes/deployed_world.hpp"

#include <catch2/catch.hpp>

#include <openssl/pem.h>

using namespace danectl;

namespace {

std::string ed25519_key() {
  const PkeyPtr key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  const BioPtr out(BIO_new(BIO_s_mem()));
  REQUIRE(PEM_write_bio_PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return text_of(out.get());
}

// As a user without rights finds them: what is secret may not be read.
class WithoutKeys : public CuttingFiles {
 public:
  using CuttingFiles::CuttingFiles;
  Result<std::string> read(const std::string& path) override {
    if (path.ends_with("privkey.pem") || path.ends_with("combined.pem")) {
      return Error{ErrorKind::no_permission, "cannot read " + path + ": Permission denied", "run it as root"};
    }
    return CuttingFiles::read(path);
  }
};

class Enrolled : public DeployedWorld {
 public:
  Result<Facts> facts() { return observe(shop(), enrolled(), state(), {}); }
  Result<Facts> facts_without_rights() {
    WithoutKeys forbidding(lineage.files);
    World theirs{clock, forbidding, processes, keys, world.resolver, world.authority, world.probe, world.inspector};
    return observe({theirs, settings, output}, enrolled(), state(), {});
  }
  State state() { return load_state(files, paths, "mx.example.lab").value(); }
  std::string deployed_file(const std::string& name) { return paths.generation("mx.example.lab", 1) + "/" + name; }
  void stage(const std::string& key) {
    REQUIRE(files.make_folder(paths.next("mx.example.lab"), 0700).ok());
    REQUIRE(files.write(paths.next_key("mx.example.lab"), key, {.mode = 0600}).ok());
  }
};

}  // namespace

TEST_CASE_METHOD(Enrolled, "A lineage in order has no trouble") {
  const Facts seen = facts().value();
  CHECK(seen.certbot);
  CHECK_FALSE(seen.deployed_trouble);
  CHECK(seen.certbot_trouble.empty());
}

TEST_CASE_METHOD(Enrolled, "A damaged deployed file comes with the way to make it whole again") {
  REQUIRE(files.remove(deployed_file("combined.pem")).ok());
  const Facts seen = facts().value();
  REQUIRE(seen.deployed_trouble);
  CHECK(seen.deployed_trouble->what == "cannot read " + deployed_file("combined.pem") + ": No such file or directory");
  CHECK(
      seen.deployed_trouble->hint ==
      "certbot has the key: certbot renew --force-renewal --cert-name mx.example.lab, then danectl run, deploy a whole "
      "generation; or put the file back from a backup");
}

TEST_CASE_METHOD(Enrolled, "Where certbot does not have the key only a backup helps") {
  REQUIRE(files.remove(deployed_file("combined.pem")).ok());
  REQUIRE(files.remove(lineage.conf_path()).ok());
  CHECK(facts()->deployed_trouble->hint == "put " + paths.generation("mx.example.lab", 1) + " back from a backup");
}

TEST_CASE_METHOD(Enrolled, "Without a link the trouble is that nothing is deployed") {
  REQUIRE(files.remove(paths.live("mx.example.lab")).ok());
  CHECK(facts()->deployed_trouble->what ==
        paths.live("mx.example.lab") + " is not there, so it is not known what servers load");
}

TEST_CASE_METHOD(Enrolled, "A lineage that certbot no longer has can be restored or issued again") {
  REQUIRE(files.remove(lineage.conf_path()).ok());
  const Facts seen = facts().value();
  CHECK_FALSE(seen.certbot);
  CHECK_FALSE(seen.certbot_is_forbidden);
  CHECK(seen.certbot_trouble == "certbot has no lineage mx.example.lab: " + lineage.conf_path() + " is not there");
  CHECK(seen.certbot_cure == "restore " + lineage.certbot_dir() +
                                 " from a backup, or issue it again: certbot certonly --cert-name mx.example.lab "
                                 "--reuse-key");
}

TEST_CASE_METHOD(Enrolled, "What may not be read is unknown and no trouble") {
  REQUIRE(files.write(deployed_file("combined.pem"), "junk", {}).ok());
  const Facts seen = facts_without_rights().value();
  CHECK_FALSE(seen.deployed_trouble);
  CHECK_FALSE(seen.certbot);
  CHECK(seen.certbot_is_forbidden);
}

TEST_CASE_METHOD(Enrolled, "A next key of a type that no CA signs is refused") {
  stage(ed25519_key());
  const auto seen = facts();
  REQUIRE_FALSE(seen.ok());
  CHECK(seen.error().what == paths.next_key("mx.example.lab") + ": it is a key of a type that danectl does not use");
  CHECK(seen.error().hint == "ECDSA P-256 or P-384, or RSA of 2048, 3072 or 4096 bits: rm -r " +
                                 paths.next("mx.example.lab") + ", then danectl stage mx.example.lab");
}
