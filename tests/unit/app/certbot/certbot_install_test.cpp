#include "app/certbot/certbot_install.hpp"

#include "app/certbot/certbot_lineage.hpp"
#include "fakes/cutting_files.hpp"
#include "fakes/test_lineage.hpp"

#include <catch2/catch.hpp>

#include <unistd.h>

using namespace danectl;

namespace {

bool exists(Files& files, const std::string& path) {
  return files.info(path).value().has_value();
}

}  // namespace

TEST_CASE("an install becomes the next version, and installing it again changes nothing") {
  TestLineage lineage;
  lineage.make(new_material());
  const auto next = new_material();
  REQUIRE(lineage.install(next).ok());
  lineage.check_complete(next, 2);
  CuttingFiles counting(lineage.files);
  REQUIRE(install_as_next_version(counting, lineage.certbot_dir(), "mx.example.lab", next).ok());
  CHECK(counting.changes() == 0);
}

TEST_CASE("the number is one above the largest of any kind") {
  TestLineage lineage;
  lineage.make(new_material());
  lineage.add_file("cert", 7, lineage_file("cert", new_material()));
  const auto next = new_material();
  REQUIRE(lineage.install(next).ok());
  lineage.check_complete(next, 8);
}

TEST_CASE("a version that waits unlinked above the present one is not left for certbot to link") {
  TestLineage lineage;
  const auto present = new_material();
  lineage.make(present);
  lineage.add_version(2, new_material());
  REQUIRE(lineage.install(present).ok());
  lineage.check_complete(present, 3);
}

TEST_CASE("the key has the mode and the group of the version before, the certificates are for all") {
  TestLineage lineage;
  lineage.make(new_material());
  const gid_t group = ::geteuid() == 0 ? 4242 : ::getegid();
  REQUIRE(lineage.files
              .write(lineage.archived("privkey", 1), lineage.files.read(lineage.link("privkey")).value(),
                     {.mode = 0640, .gid = group})
              .ok());
  REQUIRE(lineage.install(new_material()).ok());
  const auto key = lineage.files.info(lineage.archived("privkey", 2)).value();
  CHECK(key->mode == 0640);
  CHECK(key->gid == group);
  CHECK(key->uid == ::geteuid());
  CHECK(lineage.files.info(lineage.archived("cert", 2)).value()->mode == 0644);
}

TEST_CASE("every layout that works with certbot works") {
  TestLineage lineage("mx.example.lab-0001");
  const auto first = new_material();
  const auto next = new_material();
  SECTION("a name with a number") {
    lineage.make(first);
  }
  SECTION("an archive elsewhere and absolute links") {
    lineage.archive_ = lineage.folder("archive elsewhere/mx");
    lineage.link_folder_ = lineage.archive_ + "/";
    lineage.make(first);
  }
  SECTION("a moved live folder") {
    lineage.live_ = lineage.folder("srv/tls/mx");
    lineage.link_folder_ = "../../../letsencrypt/archive/mx.example.lab-0001/";
    REQUIRE(lineage.files.make_folder(lineage.certbot_dir() + "/live", 0755).ok());
    lineage.make(first);
  }
  SECTION("an archive that is a link") {
    REQUIRE(lineage.files.make_folder(lineage.folder("disk/archive"), 0755).ok());
    REQUIRE(lineage.files.make_folder(lineage.certbot_dir(), 0755).ok());
    REQUIRE(lineage.files.switch_link(lineage.certbot_dir() + "/archive", lineage.folder("disk/archive"), {}).ok());
    lineage.make(first);
  }
  SECTION("a key that is a link to an earlier version's") {
    lineage.make(first);
    lineage.add_version(2, first);
    REQUIRE(lineage.files.switch_link(lineage.archived("privkey", 2), "privkey1.pem", {}).ok());
    for (const auto& kind : lineage_kinds) {
      REQUIRE(lineage.files.switch_link(lineage.link(kind), lineage.link_folder_ + kind + "2.pem", {}).ok());
    }
    REQUIRE(lineage.install(next).ok());
    lineage.check_complete(next, 3);
    return;
  }
  lineage.check_complete(first, 1);
  REQUIRE(lineage.install(next).ok());
  lineage.check_complete(next, 2);
}

TEST_CASE("a live folder on another file system gets its links too") {
  PosixFiles files;
  if (!files.info_followed("/dev/shm").value()) return;
  TestLineage lineage;
  std::string other = "/dev/shm/danectl-test-XXXXXX";
  REQUIRE(::mkdtemp(other.data()) != nullptr);
  lineage.live_ = other + "/live/mx";
  REQUIRE(files.make_folder(lineage.certbot_dir() + "/live", 0755).ok());
  lineage.link_folder_ = lineage.archive_ + "/";
  lineage.make(new_material());
  const auto next = new_material();
  CHECK(lineage.install(next).ok());
  lineage.check_complete(next, 2);
  CHECK(files.list(other + "/live").value() == std::vector<std::string>{"mx"});
  CHECK(files.remove_tree(other).ok());
}

TEST_CASE("a key of another type changes the conf, and one of the same type does not") {
  TestLineage lineage;
  lineage.make(new_material(), "key_type = ecdsa\nelliptic_curve = secp256r1\n[[webroot_map]]\nmx.example.lab = /x\n");
  const auto before = lineage.files.read(lineage.conf_path()).value();
  REQUIRE(lineage.install(new_material()).ok());
  CHECK(lineage.files.read(lineage.conf_path()).value() == before);
  REQUIRE(lineage.install(new_material(KeyType::rsa_3072)).ok());
  auto expected = before;
  const auto replace = [&](const std::string& what, const std::string& with) {
    expected.replace(expected.find(what), what.size(), with);
  };
  replace("[renewalparams]\n", "[renewalparams]\nrsa_key_size = 3072\n");
  replace("key_type = ecdsa\nelliptic_curve = secp256r1\n", "key_type = rsa\n");
  CHECK(lineage.files.read(lineage.conf_path()).value() == expected);
}

TEST_CASE("a key that is not the certificate's is never installed") {
  TestLineage lineage;
  const auto first = new_material();
  lineage.make(first);
  auto wrong = new_material();
  wrong.private_key = test_key();
  CHECK(lineage.install(wrong).error().kind == ErrorKind::failed);
  lineage.check_complete(first, 1);
}

TEST_CASE("a cut install of other material leaves no file behind") {
  TestLineage lineage;
  lineage.make(new_material());
  const auto lost = new_material();
  lineage.add_file("privkey", 2, lost.private_key);
  lineage.add_file("chain", 2, lineage_file("chain", lost));
  const auto next = new_material();
  REQUIRE(lineage.install(next).ok());
  lineage.check_complete(next, 2);
}

TEST_CASE("what certbot left half-written is not touched") {
  TestLineage lineage;
  lineage.make(new_material());
  lineage.add_file("privkey", 2, test_key());
  lineage.add_file("cert", 2, lineage_file("cert", new_material()).substr(0, 100));
  const auto next = new_material();
  REQUIRE(lineage.install(next).ok());
  lineage.check_complete(next, 3);
  CHECK(exists(lineage.files, lineage.archived("cert", 2)));
}

namespace {

bool finishes(CuttingFiles& files, const TestLineage& lineage, const KeyAndChain& next) {
  try {
    const auto done = install_as_next_version(files, lineage.certbot_dir(), "mx.example.lab", next);
    REQUIRE(done.ok());
  } catch (const PowerCut&) {
    return false;
  }
  return true;
}

// Whatever a server or certbot reads in between: each link leads to a whole file, of the old version or of the new.
void check_between(TestLineage& lineage, const KeyAndChain& before, const KeyAndChain& next) {
  for (const auto& kind : lineage_kinds) {
    const auto text = lineage.files.read(lineage.link(kind));
    REQUIRE(text.ok());
    CHECK((text.value() == lineage_file(kind, before) || text.value() == lineage_file(kind, next)));
    for (int version = 1; version <= 2; ++version) {
      if (!exists(lineage.files, lineage.archived(kind, version))) continue;
      CHECK(lineage.files.read(lineage.archived(kind, version)).value() ==
            lineage_file(kind, version == 1 ? before : next));
    }
  }
  // certbot links a version as soon as all four names are there.
  CHECK(lineage.files.list(lineage.live_).value().size() == 4);
}

}  // namespace

TEST_CASE("an install may be cut at any step and is completed by the next") {
  const auto before = new_material();
  const auto next = new_material(KeyType::rsa_2048);
  int cuts = 0;
  for (const auto when : {CuttingFiles::When::before, CuttingFiles::When::half_way, CuttingFiles::When::after}) {
    for (int step = 1;; ++step) {
      TestLineage lineage;
      lineage.make(before);
      CuttingFiles cutting(lineage.files);
      cutting.cut_at(step, when);
      const bool cut = !finishes(cutting, lineage, next);
      if (cut) ++cuts;
      INFO("step " << step << ", when " << static_cast<int>(when));
      check_between(lineage, before, next);
      REQUIRE(lineage.install(next).ok());
      lineage.check_complete(next, 2);
      CHECK(lineage.files.read(lineage.conf_path()).value().find("key_type = rsa") != std::string::npos);
      if (!cut) break;
    }
  }
  CHECK(cuts == 27);  // four files, four links and the conf, each before, half-way and after
}

TEST_CASE("after a cut at any step another key can be installed instead") {
  const auto before = new_material();
  const auto lost = new_material();
  for (int step = 1;; ++step) {
    TestLineage lineage;
    lineage.make(before);
    CuttingFiles cutting(lineage.files);
    cutting.cut_at(step, CuttingFiles::When::half_way);
    const bool cut = !finishes(cutting, lineage, lost);
    INFO("step " << step);
    const auto next = new_material();
    REQUIRE(lineage.install(next).ok());
    lineage.check_complete(next, step <= 4 ? 2 : 3);
    if (!cut) break;
  }
}
