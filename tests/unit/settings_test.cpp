#include "app/settings.hpp"

#include "fakes/temporary_folder.hpp"
#include "system/posix_files.hpp"

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
  CHECK(settings.error().kind == ErrorKind::usage);
  CHECK(settings.error().what == (folder / "lineages/mx.example.com.toml") +
                                     ": key \"owner_group\": there is no group no-such-group on this host");
  CHECK(settings.error().hint == "name a group that `getent group` shows, or leave the key out");
}
