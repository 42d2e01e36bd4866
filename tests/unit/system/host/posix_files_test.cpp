#include "system/host/posix_files.hpp"

#include "fakes/temporary_folder.hpp"
#include "system/host/descriptor.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace danectl;

namespace {

using Kind = FileInfo::Kind;

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("what was written can be read again and bears the mode asked for") {
  TemporaryFolder folder;
  PosixFiles files;
  REQUIRE(files.write(folder / "key", "secret\n", {.mode = 0640}).ok());
  CHECK(files.read(folder / "key").value() == "secret\n");
  const auto info = files.info(folder / "key").value();
  REQUIRE(info.has_value());
  CHECK(info->kind == Kind::regular);
  CHECK(info->mode == 0640);
}

TEST_CASE("the mode asked for does not depend on the umask") {
  TemporaryFolder folder;
  PosixFiles files;
  const mode_t before = ::umask(0077);
  CHECK(files.write(folder / "state", "{}", {.mode = 0644}).ok());
  CHECK(files.make_folder(folder / "a/b", 0755).ok());
  ::umask(before);
  CHECK(files.info(folder / "state").value()->mode == 0644);
  CHECK(files.info(folder / "a").value()->mode == 0755);
  CHECK(files.info(folder / "a/b").value()->mode == 0755);
}

TEST_CASE("writing replaces a file whole and leaves nothing beside it") {
  TemporaryFolder folder;
  PosixFiles files;
  REQUIRE(files.write(folder / "f", "a longer text than the second", {}).ok());
  REQUIRE(files.write(folder / "f", "short", {}).ok());
  CHECK(files.read(folder / "f").value() == "short");
  CHECK(files.list(folder.path()).value() == std::vector<std::string>{"f"});
}

TEST_CASE("a write that fails leaves the old file and no temporary one") {
  TemporaryFolder folder;
  PosixFiles files;
  REQUIRE(files.write(folder / "f", "old", {}).ok());

  // In a child, since the limit on the size of files holds for the whole process.
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    rlimit limit{1024, 1024};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const auto done = files.write(folder / "f", std::string(4096, 'x'), {});
    const bool right = !done.ok() && has(done.error().what, "File too large") && has(done.error().what, folder / "f");
    ::_exit(right ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  CHECK(status == 0);
  CHECK(files.read(folder / "f").value() == "old");
  CHECK(files.list(folder.path()).value() == std::vector<std::string>{"f"});
}

TEST_CASE("a group asked for is set, and one that does not exist is an error") {
  TemporaryFolder folder;
  PosixFiles files;
  const auto missing = files.group_id("no-such-group-here");
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().what == "there is no group no-such-group-here on this host");
  CHECK(files.group_id("root").value() == 0);
  const gid_t group = ::geteuid() == 0 ? 4242 : ::getegid();
  REQUIRE(files.write(folder / "key", "secret", {.mode = 0640, .gid = group}).ok());
  CHECK(files.info(folder / "key").value()->gid == group);
}

TEST_CASE("what is no regular file is refused at once, and never waited for") {
  TemporaryFolder folder;
  PosixFiles files;
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  REQUIRE(files.switch_link(folder / "link", "/dev/zero", {}).ok());
  for (const std::string& path : {folder / "pipe", folder / "link", std::string("/dev/null")}) {
    const auto read = files.read(path);
    REQUIRE_FALSE(read.ok());
    CHECK(read.error().what == "cannot read " + path + ": it is a pipe, socket or device, not a file");
    CHECK(read.error().hint == "`ls -ld " + path + "` shows it; put the file in its place, or move it away");
  }
  CHECK(files.read(folder.path()).error().what == "cannot read " + folder.path() + ": it is a folder, not a file");
}

TEST_CASE("a stream is read to its end, from a pipe or a file") {
  TemporaryFolder folder;
  PosixFiles files;
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  std::thread writer([&] { std::ofstream(folder / "pipe") << "from a pipe"; });
  CHECK(files.read_stream(folder / "pipe").value() == "from a pipe");
  writer.join();
  REQUIRE(files.write(folder / "file", "from a file", {}).ok());
  CHECK(files.read_stream(folder / "file").value() == "from a file");
}

TEST_CASE("an error of the file system says what to do about it") {
  CHECK(errno_error("write", "/x", ENOSPC).what == "cannot write /x: No space left on device");
  CHECK(errno_error("write", "/x", ENOSPC).hint ==
        "make room on that file system, then call it again: no file was left half-written");
  CHECK(errno_error("write", "/x", EROFS).hint == "mount that file system read-write, then call it again");
  CHECK(errno_error("rename", "/x", EISDIR).hint == "a folder stands where a file belongs: move it away");
  CHECK(errno_error("read", "/x", EACCES).kind == ErrorKind::no_permission);
  CHECK(errno_error("read", "/x", EIO).hint.empty());
}

TEST_CASE("absence is a value and a dangling link is absent when followed") {
  TemporaryFolder folder;
  PosixFiles files;
  CHECK_FALSE(files.info(folder / "nothing").value().has_value());
  CHECK_FALSE(files.info(folder / "nothing/below").value().has_value());
  REQUIRE(files.switch_link(folder / "link", "nothing", {}).ok());
  CHECK(files.info(folder / "link").value()->kind == Kind::link);
  CHECK_FALSE(files.info_followed(folder / "link").value().has_value());
}

TEST_CASE("errors name the path and the reason") {
  TemporaryFolder folder;
  PosixFiles files;
  CHECK(files.read(folder / "x").error().what == "cannot read " + (folder / "x") + ": No such file or directory");
  CHECK(files.read(folder.path()).error().what == "cannot read " + folder.path() + ": it is a folder, not a file");
  CHECK(files.read_link(folder.path()).error().what == "cannot read the link " + folder.path() + ": Invalid argument");
  CHECK(files.write(folder / "no/x", "", {}).error().what ==
        "cannot make a temporary file for " + (folder / "no/x") + ": No such file or directory");
  CHECK(files.list(folder / "no").error().what ==
        "cannot list the folder " + (folder / "no") + ": No such file or directory");
}

TEST_CASE("a listing is sorted by byte") {
  TemporaryFolder folder;
  PosixFiles files;
  for (const char* name : {"b", "a", "Z", "\xc3\xa9"}) REQUIRE(files.write(folder / name, "", {}).ok());
  CHECK(files.list(folder.path()).value() == std::vector<std::string>{"Z", "a", "b", "\xc3\xa9"});
}

TEST_CASE("a folder that is there already is fine, a file in its place is not") {
  TemporaryFolder folder;
  PosixFiles files;
  REQUIRE(files.make_folder(folder / "a/b/c", 0700).ok());
  REQUIRE(files.make_folder(folder / "a/b/c", 0755).ok());
  CHECK(files.info(folder / "a/b").value()->mode == 0755);
  CHECK(files.info(folder / "a/b/c").value()->mode == 0700);
  REQUIRE(files.write(folder / "f", "", {}).ok());
  CHECK(files.make_folder(folder / "f", 0755).error().what ==
        "cannot make the folder " + (folder / "f") + ": File exists");
}

TEST_CASE("a link is switched from one target to the next, also by way of another folder") {
  TemporaryFolder folder;
  PosixFiles files;
  REQUIRE(files.make_folder(folder / "live", 0755).ok());
  REQUIRE(files.make_folder(folder / "archive", 0755).ok());
  REQUIRE(files.switch_link(folder / "live/cert.pem", "../archive/cert1.pem", {}).ok());
  REQUIRE(files.switch_link(folder / "live/cert.pem", "../archive/cert2.pem", folder / "archive").ok());
  CHECK(files.read_link(folder / "live/cert.pem").value() == "../archive/cert2.pem");
  CHECK(files.list(folder / "live").value() == std::vector<std::string>{"cert.pem"});
  CHECK(files.list(folder / "archive").value().empty());
}

TEST_CASE("a link never replaces a folder") {
  TemporaryFolder folder;
  PosixFiles files;
  REQUIRE(files.make_folder(folder / "live", 0755).ok());
  const auto done = files.switch_link(folder / "live", "elsewhere", {});
  REQUIRE_FALSE(done.ok());
  CHECK(files.list(folder.path()).value() == std::vector<std::string>{"live"});
}

TEST_CASE("removing what is not there is fine, and a tree is removed without following its links") {
  TemporaryFolder folder;
  PosixFiles files;
  CHECK(files.remove(folder / "x").ok());
  CHECK(files.remove_tree(folder / "x").ok());
  REQUIRE(files.make_folder(folder / "tree/below", 0755).ok());
  REQUIRE(files.make_folder(folder / "kept", 0755).ok());
  REQUIRE(files.write(folder / "kept/f", "", {}).ok());
  REQUIRE(files.switch_link(folder / "tree/below/link", folder / "kept", {}).ok());
  REQUIRE(files.remove_tree(folder / "tree").ok());
  CHECK(files.list(folder.path()).value() == std::vector<std::string>{"kept"});
  CHECK(files.list(folder / "kept").value() == std::vector<std::string>{"f"});
}

TEST_CASE("the danectl lock has one holder at a time, within one process too") {
  TemporaryFolder folder;
  PosixFiles files;
  {
    auto first = files.lock(folder / "lock", std::chrono::milliseconds(0));
    REQUIRE(first.ok());
    const auto second = files.lock(folder / "lock", std::chrono::milliseconds(100));
    REQUIRE_FALSE(second.ok());
    CHECK(second.error().kind == ErrorKind::not_yet);
    CHECK(second.error().what == "another danectl is running: it holds " + (folder / "lock"));
    // The failed try opened and closed the file; the first lock must have survived that.
    CHECK_FALSE(files.lock(folder / "lock", std::chrono::milliseconds(0)).ok());
  }
  CHECK(files.lock(folder / "lock", std::chrono::milliseconds(0)).ok());
}

TEST_CASE("certbot's lock excludes a process that locks as certbot does, and is gone afterwards") {
  TemporaryFolder folder;
  PosixFiles files;
  const auto lockf_from_a_child = [&] {
    const pid_t child = ::fork();
    if (child == 0) {
      const int file = ::open((folder / ".certbot.lock").c_str(), O_CREAT | O_WRONLY, 0600);
      ::_exit(::lockf(file, F_TLOCK, 0) == 0 ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return status == 0;
  };
  {
    auto lock = files.lock_as_certbot(folder.path(), std::chrono::milliseconds(0));
    REQUIRE(lock.ok());
    CHECK_FALSE(lockf_from_a_child());
    CHECK(files.lock_as_certbot(folder.path(), std::chrono::milliseconds(0)).error().kind == ErrorKind::not_yet);
  }
  CHECK_FALSE(files.info(folder / ".certbot.lock").value().has_value());
  CHECK(lockf_from_a_child());
}

TEST_CASE("certbot's lock waits for a holder that unlinks the file as it ends") {
  TemporaryFolder folder;
  PosixFiles files;
  std::array<int, 2> ready{};
  REQUIRE(::pipe(ready.data()) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string path = folder / ".certbot.lock";
    const int file = ::open(path.c_str(), O_CREAT | O_WRONLY, 0600);
    if (::lockf(file, F_TLOCK, 0) != 0) ::_exit(1);
    if (::write(ready[1], "x", 1) != 1) ::_exit(1);
    ::usleep(300000);
    ::unlink(path.c_str());
    ::_exit(0);
  }
  char byte = 0;
  REQUIRE(::read(ready[0], &byte, 1) == 1);
  CHECK_FALSE(files.lock_as_certbot(folder.path(), std::chrono::milliseconds(0)).ok());
  auto lock = files.lock_as_certbot(folder.path(), std::chrono::seconds(5));
  CHECK(lock.ok());
  CHECK(files.info(folder / ".certbot.lock").value().has_value());
  ::waitpid(child, nullptr, 0);
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST_CASE("no lock and no file stays open in a child program") {
  TemporaryFolder folder;
  PosixFiles files;
  auto own = files.lock(folder / "lock", std::chrono::milliseconds(0));
  auto certbots = files.lock_as_certbot(folder.path(), std::chrono::milliseconds(0));
  const auto open_files = files.list("/proc/self/fd").value();
  int kept = 0;
  for (const auto& name : open_files) {
    const auto target = files.read_link("/proc/self/fd/" + name);
    if (target.ok() && target.value().starts_with(folder.path())) {
      CHECK((::fcntl(std::stoi(name), F_GETFD) & FD_CLOEXEC) != 0);
      ++kept;
    }
  }
  CHECK(kept == 2);
}

TEST_CASE("a FIFO in place of a lock is said, and not waited for") {
  TemporaryFolder folder;
  REQUIRE(::mkfifo((folder / ".certbot.lock").c_str(), 0600) == 0);
  PosixFiles files;
  const auto lock = files.lock_as_certbot(folder / ".", std::chrono::milliseconds(0));
  REQUIRE_FALSE(lock);
  CHECK(lock.error().what.find(".certbot.lock: it is a pipe") != std::string::npos);
}

TEST_CASE("what a cut write left behind goes, and nothing else") {
  TemporaryFolder folder;
  PosixFiles files;
  REQUIRE(files.write(folder / ".danectl-a1B2c3", "a key", {.mode = 0600}).ok());
  REQUIRE(files.switch_link(folder / ".danectl-d4E5f6", "elsewhere", {}).ok());
  for (const char* name : {"key.pem", ".danectl-longer-than-that", ".danectl-new"}) {
    REQUIRE(files.write(folder / name, "x", {}).ok());
  }
  REQUIRE(files.make_folder(folder / ".danectl-folder", 0755).ok());
  REQUIRE(files.remove_temporaries(folder / ".").ok());
  CHECK(files.list(folder / ".").value() ==
        std::vector<std::string>{".danectl-folder", ".danectl-longer-than-that", ".danectl-new", "key.pem"});
  CHECK(files.remove_temporaries(folder / "absent").ok());
}
