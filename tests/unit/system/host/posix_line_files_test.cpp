#include "fakes/temporary_folder.hpp"
#include "system/host/posix_line_files.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <sstream>

#include <sys/stat.h>

using namespace danectl;

namespace {

std::string write(const TemporaryFolder& folder, const std::string& content) {
  const std::string path = folder / "file";
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

std::string content_of(const std::string& path) {
  std::ostringstream content;
  content << std::ifstream(path, std::ios::binary).rdbuf();
  return content.str();
}

std::vector<std::string> lines_of(const std::string& path) {
  PosixLineFiles files;
  auto reader = files.read(path);
  REQUIRE(reader);
  std::vector<std::string> lines;
  for (std::string line; (*reader)->next(line).value() == LineReader::Next::line;) lines.push_back(line);
  return lines;
}

}  // namespace

TEST_CASE("Lines are read with or without an end of the last, and cut where they are too long") {
  const TemporaryFolder folder;
  CHECK(lines_of(write(folder, "")).empty());
  CHECK(lines_of(write(folder, "one\n\ntwo\r\nthree")) == std::vector<std::string>{"one", "", "two\r", "three"});
  const auto lines = lines_of(write(folder, "one\n" + std::string(1000000, 'x') + "\nthree\n"));
  REQUIRE(lines.size() == 3);
  CHECK(lines[1] == std::string(65536, 'x'));
  CHECK(lines[2] == "three");
}

TEST_CASE("A folder and a file that is not there are no lists") {
  PosixLineFiles files;
  const TemporaryFolder folder;
  CHECK_FALSE(files.read(folder / "none"));
  CHECK_FALSE(files.read(folder / "."));
}

TEST_CASE("A file grows behind its last whole line, and keeps everything until then") {
  PosixLineFiles files;
  const TemporaryFolder folder;
  const std::string path = write(folder, "one\ntwo\nhal");
  {
    auto file = files.grow(path);
    REQUIRE(file);
    std::string line;
    CHECK((*file)->next(line).value());
    CHECK((*file)->next(line).value());
    CHECK(line == "two");
    CHECK_FALSE((*file)->next(line).value());
    CHECK((*file)->rest() == "hal");
    CHECK(content_of(path) == "one\ntwo\nhal");
    CHECK(files.grow(path).error().kind == ErrorKind::not_yet);
    CHECK((*file)->append("three\n"));
    CHECK((*file)->append("four\n"));
    CHECK((*file)->sync());
  }
  CHECK(content_of(path) == "one\ntwo\nthree\nfour\n");
  CHECK(files.grow(path));
}

TEST_CASE("What is no regular file does not grow") {
  PosixLineFiles files;
  const TemporaryFolder folder;
  const std::string pipe = folder / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(files.grow(pipe).error().kind == ErrorKind::invalid);
  CHECK_FALSE(files.grow(folder / "no/such/folder"));
}

TEST_CASE("A line without end is no line of a growing file") {
  PosixLineFiles files;
  const TemporaryFolder folder;
  auto file = files.grow(write(folder, std::string(3000000, '\0')));
  REQUIRE(file);
  std::string line;
  CHECK((*file)->next(line).error().kind == ErrorKind::invalid);
}
