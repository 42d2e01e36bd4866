#include "app/verbs/spki.hpp"

#include "core/keys/key_material.hpp"
#include "fakes/temporary_folder.hpp"
#include "fakes/test_ca.hpp"
#include "system/host/posix_files.hpp"

#include <fstream>
#include <sstream>

#include <nlohmann/json.hpp>

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

struct Desk {
  TemporaryFolder folder;
  PosixFiles files;
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  std::string key = test_key();
  KeyId id = *read_private_key(key);

  std::string put(const std::string& name, const std::string& content) {
    std::ofstream(folder / name, std::ios::binary) << content;
    return folder / name;
  }

  int run(const SpkiOptions& options) {
    const Output output{out, err};
    return spki(options, files, in, output);
  }
};

}  // namespace

TEST_CASE_METHOD(Desk, "spki prints a digest and the file on a line") {
  const std::string file = put("privkey.pem", key);
  CHECK(run({{file, file}}) == 0);
  const std::string line = id.sha256 + "  " + file + "\n";
  CHECK(out.str() == line + line);
  CHECK(err.str().empty());
}

TEST_CASE_METHOD(Desk, "spki prints the SHA-512 digest in its place") {
  const std::string file = put("privkey.pem", key);
  CHECK(run({.files = {file}, .sha512 = true}) == 0);
  CHECK(out.str() == id.sha512 + "  " + file + "\n");
}

TEST_CASE_METHOD(Desk, "spki reads standard input for a dash") {
  in.str(test_request(key, {"mx.example.com"}));
  CHECK(run({{"-"}}) == 0);
  CHECK(out.str() == id.sha256 + "  -\n");
}

TEST_CASE_METHOD(Desk, "spki writes one JSON document") {
  const std::string file = put("privkey.pem", key);
  CHECK(run({.files = {file}, .json = true}) == 0);
  const nlohmann::json expected{
      {"version", 1},
      {"files",
       {{{"file", file}, {"kind", "key"}, {"type", "ecdsa-p256"}, {"sha256", id.sha256}, {"sha512", id.sha512}}}}};
  CHECK(nlohmann::json::parse(out.str()) == expected);
}

TEST_CASE_METHOD(Desk, "spki goes on after a file it cannot read, and fails") {
  const std::string good = put("privkey.pem", key);
  const std::string empty = put("empty.pem", "");
  CHECK(run({{folder / "absent", folder.path(), empty, good}}) == 1);
  CHECK(out.str() == id.sha256 + "  " + good + "\n");
  CHECK(err.str() == "danectl: " + (folder / "absent") + ": there is no such file\n" +                    //
                         "danectl: " + folder.path() + ": it is a directory\n  name the files in it\n" +  //
                         "danectl: " + empty + ": it is empty\n" +
                         "  give a private key, a public key, a certificate request or a certificate\n");
}

TEST_CASE_METHOD(Desk, "spki as JSON has an empty list when every file failed") {
  CHECK(run({.files = {folder / "absent"}, .json = true}) == 1);
  CHECK(nlohmann::json::parse(out.str()) == nlohmann::json{{"version", 1}, {"files", nlohmann::json::array()}});
  CHECK_FALSE(err.str().empty());
}

TEST_CASE_METHOD(Desk, "spki as JSON survives a file name that is not UTF-8") {
  const std::string file = put("\xff.pem", key);
  CHECK(run({.files = {file}, .json = true}) == 0);
  CHECK(nlohmann::json::parse(out.str())["files"].size() == 1);
}

TEST_CASE_METHOD(Desk, "spki does not read endless input to its end") {
  in.str(std::string(2 * 1024 * 1024, 'x'));
  CHECK(run({{"-"}}) == 1);
  CHECK(err.str() == "danectl: -: it is over 1 MiB, too big for a key or a chain of certificates\n");
  CHECK(static_cast<bool>(in));
}
