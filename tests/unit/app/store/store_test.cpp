#include "app/store/store.hpp"

#include "core/rollover/state_json.hpp"
#include "fakes/temporary_folder.hpp"
#include "system/host/posix_files.hpp"

#include <catch2/catch.hpp>

#include <sys/stat.h>

using namespace danectl;

TEST_CASE("A lineage without a state file has an empty state of its name") {
  TemporaryFolder folder;
  PosixFiles files;
  const State state = load_state(files, Paths(folder.path()), "mx.example.com").value();
  CHECK(state.name == "mx.example.com");
  CHECK_FALSE(state.current);
}

TEST_CASE("The state of another lineage is refused, and stays as it is") {
  TemporaryFolder folder;
  PosixFiles files;
  const Paths paths(folder.path());
  REQUIRE(files.make_folder(paths.states(), 0755).ok());
  State other;
  other.name = "mail.example.com";
  const std::string path = paths.state("mx.example.com");
  REQUIRE(files.write(path, write_state(other), {}).ok());
  const auto loaded = load_state(files, paths, "mx.example.com");
  REQUIRE_FALSE(loaded.ok());
  CHECK(loaded.error().kind == ErrorKind::failed);
  CHECK(loaded.error().what == path + " is the state of mail.example.com and not of mx.example.com");
  CHECK(loaded.error().hint == "put the right one back from a backup, or move it away: the ledger then begins anew");
  CHECK(files.read(path).value() == write_state(other));
}

TEST_CASE("An owner without a file has a ledger that knows nothing, and one of another owner is refused") {
  TemporaryFolder folder;
  PosixFiles files;
  const Paths paths(folder.path());
  const DnsName owner = DnsName::parse("_25._tcp.mx.example.com").value();
  const DnsName other = DnsName::parse("_25._tcp.mail.example.com").value();
  CHECK(load_ledger(files, paths, owner).value() == Ledger{.name = owner});
  REQUIRE(files.make_folder(paths.ledgers(), 0755).ok());
  REQUIRE(save_ledger(files, paths, Ledger{.name = other}).ok());
  REQUIRE(files.rename(paths.ledger(other), paths.ledger(owner)).ok());
  const auto loaded = load_ledger(files, paths, owner);
  REQUIRE_FALSE(loaded.ok());
  CHECK(loaded.error().what.find(" is the ledger of _25._tcp.mail.example.com and not of ") != std::string::npos);
}

TEST_CASE("A pipe in place of the state is refused at once") {
  TemporaryFolder folder;
  PosixFiles files;
  const Paths paths(folder.path());
  REQUIRE(files.make_folder(paths.states(), 0755).ok());
  REQUIRE(::mkfifo(paths.state("mx").c_str(), 0600) == 0);
  CHECK(load_state(files, paths, "mx").error().what ==
        "cannot read " + paths.state("mx") + ": it is a pipe, socket or device, not a file");
}
