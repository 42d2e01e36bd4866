#include "system/dns/unbound_conf.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <string>

#include <stdlib.h>

using namespace danectl;

namespace {

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "danectl-conf-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(path_ / name) << text;
    return (path_ / name).string();
  }

 private:
  std::filesystem::path path_;
};

std::vector<std::string> found(const std::string& path) {
  std::vector<std::string> names;
  for (const DnsName& name : zones_from_elsewhere(path)) names.push_back(name.text());
  return names;
}

}  // namespace

TEST_CASE("forward, stub and auth zones of a libunbound configuration are found") {
  Folder folder;
  const std::string path = folder.write("a.conf",
                                        "server:\n  root-hints: \"/x\"  # forward-zone: name: not.this\n"
                                        "forward-zone:\n  name: \"one.example\"\n  forward-addr: 192.0.2.1@53\n"
                                        "stub-zone: name: two.example. stub-addr: 2001:db8::1\n"
                                        "auth-zone:\n\tzonefile: x\n\tname:'Three.example'\n"
                                        "view:\n  name: \"inside.example\"\n");
  CHECK(found(path) == std::vector<std::string>{"one.example", "two.example", "three.example"});
}

TEST_CASE("a forwarded root is no zone from elsewhere") {
  Folder folder;
  CHECK(found(folder.write("a.conf", "forward-zone:\n name: \".\"\n forward-tls-upstream: yes\n")).empty());
}

TEST_CASE("included files are read, also by pattern") {
  Folder folder;
  const std::string inner = folder.write("b1.inc", "forward-zone:\n name: in.example\n");
  folder.write("b2.inc", "name: still.example\n");
  const std::string pattern = inner.substr(0, inner.size() - 6) + "b*.inc";
  const auto names = found(folder.write("a.conf", "stub-zone:\n include: \"" + pattern + "\"\n"));
  CHECK(std::find(names.begin(), names.end(), "in.example") != names.end());
  CHECK(std::find(names.begin(), names.end(), "still.example") != names.end());
}

TEST_CASE("a file that includes itself comes to an end") {
  Folder folder;
  const std::string path = folder.write("a.conf", "");
  folder.write("a.conf", "include: " + path + "\nforward-zone:\n name: x.example\n");
  CHECK_FALSE(found(path).empty());
}

TEST_CASE("no configuration has no zones from elsewhere") {
  CHECK(found("").empty());
  CHECK(found("/nonexistent/unbound.conf").empty());
}
