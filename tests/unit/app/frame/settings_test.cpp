#include "app/frame/settings.hpp"

#include "fakes/temporary_folder.hpp"
#include "fakes/test_ca.hpp"
#include "system/host/posix_files.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

// danectl.toml and lineages/ in a folder of the test.
struct Desk {
  Desk() { REQUIRE(files.make_folder(folder / "lineages", 0755).ok()); }
  void put(const std::string& name, const std::string& more) {
    const std::string text = "tlsa = [\"_25._tcp." + name + "\"]\n" + more;
    REQUIRE(files.write(folder / "lineages/" + name + ".toml", text, {}).ok());
  }
  // A lineage under `2 1 1` whose `issuers` is the path.
  void name_issuers(const std::string& path) {
    put("mx.example.com", "profile = [\"2 1 1\"]\nissuers = [\"" + path + "\"]\n");
  }
  void write(const std::string& name, const std::string& text) { REQUIRE(files.write(folder / name, text, {}).ok()); }
  Result<Settings> read() { return read_settings(files, {folder / "danectl.toml"}); }

  TemporaryFolder folder;
  PosixFiles files;
};

}  // namespace

TEST_CASE_METHOD(Desk, "Lineages are read from their files, sorted by name") {
  put("b.example.com", "");
  put("a.example.com", "owner_group = \"root\"\n");
  const auto settings = read();
  REQUIRE(settings.ok());
  REQUIRE(settings->lineages.size() == 2);
  CHECK(settings->lineages[0].name == "a.example.com");
  CHECK(settings->lineages[1].name == "b.example.com");
}

TEST_CASE_METHOD(Desk, "A group that this host does not have is wrong configuration") {
  put("mx.example.com", "owner_group = \"no-such-group\"\n");
  const auto settings = read();
  REQUIRE_FALSE(settings.ok());
  CHECK(settings.error().kind == ErrorKind::invalid);
  CHECK(settings.error().what == (folder / "lineages/mx.example.com.toml") +
                                     ": key \"owner_group\": there is no group no-such-group on this host");
  CHECK(settings.error().hint == "name a group that `getent group` shows, or leave the key out");
}

TEST_CASE_METHOD(Desk, "A bad file in a folder of issuers costs that file alone") {
  REQUIRE(files.make_folder(folder / "issuers", 0755).ok());
  name_issuers(folder / "issuers");
  write("issuers/good.pem", TestCa().intermediate_pem());
  write("issuers/page.pem", "<html>503</html>");
  write("issuers/note.txt", "not a certificate, and not named like one");
  const auto settings = read();
  REQUIRE(settings.ok());
  CHECK(settings->lineages.front().further_issuers.size() == 1);
  REQUIRE(settings->lineages.front().unread_issuers.size() == 1);
  CHECK(settings->lineages.front().unread_issuers.front().starts_with(folder / "issuers/page.pem: "));
}

TEST_CASE_METHOD(Desk, "A folder of issuers without any is unread, not empty") {
  REQUIRE(files.make_folder(folder / "issuers", 0755).ok());
  name_issuers(folder / "issuers");
  const auto settings = read();
  REQUIRE(settings.ok());
  CHECK(settings->lineages.front().unread_issuers.size() == 1);
}

TEST_CASE_METHOD(Desk, "A file that is named as an issuer has to be that of a CA") {
  const WallTime now = parse_rfc3339("2026-01-01T00:00:00Z").value();
  write("leaf.pem", TestCa().issue({"mx.example.com"}, test_key(), now, now + std::chrono::hours(1)));
  name_issuers(folder / "leaf.pem");
  const auto settings = read();
  REQUIRE_FALSE(settings.ok());
  CHECK(settings.error().kind == ErrorKind::invalid);
  CHECK(settings.error().what.find("is not the certificate of a CA") != std::string::npos);
}

TEST_CASE_METHOD(Desk, "A whole store of CAs is too much for one RRset") {
  std::string many;
  for (int i = 0; i < 17; ++i) many += TestCa().root_pem();
  write("many.pem", many);
  name_issuers(folder / "many.pem");
  const auto settings = read();
  REQUIRE_FALSE(settings.ok());
  CHECK(settings.error().what.ends_with("key \"issuers\": 17 certificates of CAs, and 16 is the most"));
}
