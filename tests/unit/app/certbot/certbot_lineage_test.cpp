#include "app/certbot/certbot_lineage.hpp"

#include "fakes/cutting_files.hpp"
#include "fakes/test_lineage.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

// As a user without rights finds certbot's archive.
class ClosedArchive : public CuttingFiles {
 public:
  using CuttingFiles::CuttingFiles;
  Result<std::string> real_path(const std::string& path) override {
    return Error{ErrorKind::no_permission, "cannot resolve " + path + ": Permission denied", "run it as root"};
  }
};

}  // namespace

TEST_CASE("a lineage of certbot is read with its chain and key") {
  TestLineage lineage;
  const auto first = new_material();
  lineage.make(first);
  const auto read = read_certbot_lineage(lineage.files, lineage.certbot_dir(), "mx.example.lab");
  REQUIRE(read.ok());
  CHECK(read->conf_path == lineage.conf_path());
  CHECK(read->live_folder == lineage.live_);
  CHECK(read->conf.reuse_key == true);
  CHECK(read->private_key == first.private_key);
  CHECK(read->chain.pem() == first.chain.pem());
}

TEST_CASE("a lineage certbot does not have is a usage error") {
  TestLineage lineage;
  const auto read = read_certbot_lineage(lineage.files, lineage.certbot_dir(), "mx.example.lab");
  REQUIRE_FALSE(read.ok());
  CHECK(read.error().kind == ErrorKind::not_found);
  CHECK(read.error().what == "certbot has no lineage mx.example.lab: " + lineage.conf_path() + " is not there");
}

TEST_CASE("who may not read a lineage hears who may, and not how to repair it") {
  TestLineage lineage;
  lineage.make(new_material());
  ClosedArchive closed(lineage.files);
  const auto read = read_certbot_lineage(closed, lineage.certbot_dir(), "mx.example.lab");
  REQUIRE_FALSE(read.ok());
  CHECK(read.error().kind == ErrorKind::no_permission);
  CHECK(read.error().hint == "run it as root");
}

TEST_CASE("a broken lineage is an error that names the file") {
  TestLineage lineage;
  lineage.make(new_material());
  const auto error = [&] {
    const auto read = read_certbot_lineage(lineage.files, lineage.certbot_dir(), "mx.example.lab");
    REQUIRE_FALSE(read.ok());
    CHECK(read.error().kind == ErrorKind::failed);
    return read.error().what;
  };
  SECTION("a key that is not the certificate's") {
    lineage.add_file("privkey", 1, test_key());
    CHECK(error() == "certbot's " + lineage.link("privkey") + ": is not the key of the certificate");
  }
  SECTION("mixed links") {
    lineage.add_version(2, new_material());
    REQUIRE(lineage.files.switch_link(lineage.link("cert"), lineage.link_folder_ + "cert2.pem", {}).ok());
    CHECK(error() == "certbot's " + lineage.link("cert") + ": is not the first of fullchain.pem");
  }
  SECTION("another chain") {
    lineage.add_file("chain", 1, lineage_file("cert", new_material()));
    CHECK(error() == "certbot's " + lineage.link("chain") + ": is not what follows the certificate in fullchain.pem");
  }
  SECTION("an empty file") {
    lineage.add_file("fullchain", 1, "");
    CHECK(error().find(lineage.link("fullchain")) != std::string::npos);
  }
  SECTION("a dangling link") {
    REQUIRE(lineage.files.remove(lineage.archived("chain", 1)).ok());
    CHECK(error() == "certbot's " + lineage.link("chain") + " leads to " + lineage.link_folder_ +
                         "chain1.pem, which is not there");
  }
  SECTION("a file in the place of a link") {
    REQUIRE(lineage.files.write(lineage.link("cert"), "", {}).ok());
    CHECK(error() == "certbot's " + lineage.link("cert") + " is not a link");
  }
  SECTION("a link to a file without a version") {
    REQUIRE(lineage.files.write(lineage.archive_ + "/cert.pem", "", {}).ok());
    REQUIRE(lineage.files.switch_link(lineage.link("cert"), lineage.link_folder_ + "cert.pem", {}).ok());
    CHECK(error() == "certbot's " + lineage.link("cert") + " leads to " + lineage.link_folder_ +
                         "cert.pem, which is no archived file");
  }
  SECTION("links that do not lead into archive_dir") {
    const auto elsewhere = lineage.folder("elsewhere");
    REQUIRE(lineage.files.make_folder(elsewhere, 0755).ok());
    REQUIRE(lineage.files.write(elsewhere + "/privkey1.pem", "", {}).ok());
    REQUIRE(lineage.files.switch_link(lineage.link("privkey"), elsewhere + "/privkey1.pem", {}).ok());
    CHECK(error() == "certbot's " + lineage.link("privkey") + " leads into " + elsewhere + ", but archive_dir is " +
                         lineage.archive_);
  }
}

TEST_CASE("reuse_key is put back, and the conf keeps its mode and its link") {
  TestLineage lineage;
  lineage.make(new_material());
  const auto put_back = [&] {
    return put_reuse_key_back(lineage.files, lineage.certbot_dir(), "mx.example.lab", KeyType::ecdsa_p256).value();
  };
  CHECK_FALSE(put_back().reuse_key);
  const auto text = lineage.files.read(lineage.conf_path()).value();
  auto without = text;
  without.erase(text.find("reuse_key"), std::string("reuse_key = True\n").size());
  const auto real = lineage.folder("real.conf");
  REQUIRE(lineage.files.write(real, without, {.mode = 0640}).ok());
  REQUIRE(lineage.files.switch_link(lineage.conf_path(), real, {}).ok());
  CHECK(put_back().reuse_key);
  CHECK(lineage.files.read(real).value() == text);
  CHECK(lineage.files.info(real).value()->mode == 0640);
  CHECK(lineage.files.info(lineage.conf_path()).value()->kind == FileInfo::Kind::link);
}

TEST_CASE("A power cut while reuse_key is put back leaves no file in certbot's folder for good") {
  TestLineage lineage;
  lineage.make(new_material());
  auto without = lineage.files.read(lineage.conf_path()).value();
  without.erase(without.find("reuse_key"), std::string("reuse_key = True\n").size());
  REQUIRE(lineage.files.write(lineage.conf_path(), without, {}).ok());
  const auto put_back = [&](Files& files) {
    return put_reuse_key_back(files, lineage.certbot_dir(), "mx.example.lab", KeyType::ecdsa_p256);
  };
  CuttingFiles files(lineage.files);
  files.cut_at(1, CuttingFiles::When::half_way);
  CHECK_THROWS_AS(put_back(files), PowerCut);
  const auto folder = lineage.certbot_dir() + "/renewal";
  CHECK(lineage.files.list(folder).value() == std::vector<std::string>{".danectl-cutcut", "mx.example.lab.conf"});
  CHECK(put_back(lineage.files)->reuse_key);
  CHECK(lineage.files.list(folder).value() == std::vector<std::string>{"mx.example.lab.conf"});
}
