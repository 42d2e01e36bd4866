#include "app/certbot/certbot_damage.hpp"

#include "app/certbot/certbot_lineage.hpp"
#include "fakes/test_lineage.hpp"

#include <string>

using namespace danectl;

namespace {

struct Damaged {
  Damaged() { lineage.make(new_material()); }
  Error told(const std::string& live = {}) {
    const auto read = read_certbot_lineage(lineage.files, dir, name);
    REQUIRE_FALSE(read.ok());
    return with_way_out(lineage.files, {dir, name, live}, read.error());
  }
  void flatten(const std::string& kind) {
    const std::string text = lineage.files.read(lineage.link(kind)).value();
    REQUIRE(lineage.files.remove(lineage.link(kind)).ok());
    REQUIRE(lineage.files.write(lineage.link(kind), text, {}).ok());
  }
  static bool has(const std::string& text, const std::string& part) {
    INFO(text);
    CHECK(text.find(part) != std::string::npos);
    return text.find(part) != std::string::npos;
  }

  TestLineage lineage;
  std::string name = "mx.example.lab";
  std::string dir = lineage.certbot_dir();
};

}  // namespace

TEST_CASE_METHOD(Damaged, "An archive that is gone is restored, or made from what is deployed") {
  REQUIRE(lineage.files.remove_tree(lineage.archive_).ok());
  CHECK(has(told("/var/lib/danectl/live/mx").what, "archive of mx.example.lab is gone"));
  CHECK(has(told("/var/lib/danectl/live/mx").hint, "install -D -m 600 /var/lib/danectl/live/mx/$kind.pem"));
  CHECK(has(told().hint, "restore " + lineage.archive_ + " from a backup"));
  CHECK(told().hint.find("install") == std::string::npos);
}

TEST_CASE_METHOD(Damaged, "Files in place of links become links to the version that they are") {
  lineage.add_version(2, new_material());
  for (const std::string& kind : lineage_kinds) flatten(kind);
  CHECK(has(told().hint, "ln -sfn " + lineage.archive_ + "/${kind}1.pem"));
}

TEST_CASE_METHOD(Damaged, "Files that the archive does not have are its next version") {
  lineage.add_version(2, new_material());
  for (const std::string& kind : lineage_kinds) flatten(kind);
  REQUIRE(lineage.files.write(lineage.archived("cert", 1), "other", {}).ok());
  CHECK(has(told().hint, lineage.archive_ + "/${kind}3.pem && ln -sf"));
}

TEST_CASE_METHOD(Damaged, "Links that lead nowhere, while the archive is there, lead to its newest whole version") {
  lineage.add_version(2, new_material());
  lineage.add_file("cert", 3, "only this");
  for (const std::string& kind : lineage_kinds) {
    REQUIRE(lineage.files.switch_link(lineage.link(kind), "/nowhere/" + kind + "1.pem", {}).ok());
  }
  CHECK(has(told().what, "which is not there"));
  CHECK(has(told().hint, "ln -sfn " + lineage.archive_ + "/${kind}2.pem " + lineage.live_ + "/$kind.pem"));
}

TEST_CASE_METHOD(Damaged, "Any other damage is told as it was") {
  REQUIRE(lineage.files.write(lineage.archived("fullchain", 1), "", {}).ok());
  CHECK(told().hint == read_certbot_lineage(lineage.files, dir, name).error().hint);
}
