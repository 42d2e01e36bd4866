#include "system/host/boost_processes.hpp"

#include "fakes/temporary_folder.hpp"
#include "system/host/posix_files.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <sstream>

#include <signal.h>
#include <unistd.h>

using namespace danectl;

namespace {

Command shell(const std::string& script, Seconds limit = Seconds(20)) {
  return {.argv = {"/bin/sh", "-c", script}, .time_limit = limit};
}

Outcome run(const Command& command) {
  BoostProcesses processes;
  auto outcome = processes.run(command);
  REQUIRE(outcome.ok());
  return *outcome;
}

bool alive(const std::string& pid) {
  return ::kill(std::stoi(pid), 0) == 0;
}

// A killed orphan stays a zombie until init has reaped it.
bool gone_soon(const std::string& pid) {
  PosixFiles files;
  for (int i = 0; i < 100; ++i) {
    const auto stat = files.read("/proc/" + pid + "/stat");
    if (!stat.ok() || stat.value().find(") Z ") != std::string::npos) return true;
    ::usleep(50000);
  }
  return false;
}

class Stopwatch {
 public:
  [[nodiscard]] std::chrono::milliseconds passed() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start_);
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace

TEST_CASE("both outputs and the exit code of a child are told apart") {
  const auto outcome = run(shell("echo out; echo err >&2; exit 3"));
  CHECK(outcome.out == "out\n");
  CHECK(outcome.err == "err\n");
  CHECK(outcome.exit_code == 3);
  CHECK(outcome.signal == 0);
  CHECK_FALSE(outcome.success());
  CHECK(outcome.text() == "exit code 3");
}

TEST_CASE("a program is found on PATH and gets its arguments as they are") {
  const auto outcome = run({.argv = {"printf", "%s|", "a b", "$HOME", "", "'"}, .time_limit = Seconds(20)});
  CHECK(outcome.success());
  CHECK(outcome.out == "a b|$HOME||'|");
}

TEST_CASE("a program is found on PATH or by its path, if it can be started") {
  BoostProcesses processes;
  CHECK(processes.find("sh").value().ends_with("/sh"));
  CHECK(processes.find("/bin/sh").value() == "/bin/sh");
  CHECK(processes.find("no-such-program").error().what == "cannot find the program no-such-program on PATH");
  CHECK(processes.find("/etc/passwd").error().what == "cannot start /etc/passwd: Permission denied");
  CHECK(processes.find("/nowhere/certbot").error().what == "cannot start /nowhere/certbot: No such file or directory");
}

TEST_CASE("a program that is not there is an error that names it") {
  BoostProcesses processes;
  const auto on_path = processes.run({.argv = {"no-such-program-here"}});
  REQUIRE_FALSE(on_path.ok());
  CHECK(on_path.error().what == "cannot find the program no-such-program-here on PATH");
  const auto absolute = processes.run({.argv = {"/no/such/program"}});
  REQUIRE_FALSE(absolute.ok());
  CHECK(absolute.error().what == "cannot start /no/such/program: No such file or directory");
}

TEST_CASE("a file that may not be executed is an error that says so") {
  TemporaryFolder folder;
  PosixFiles files;
  REQUIRE(files.write(folder / "script", "#!/bin/sh\n", {.mode = 0644}).ok());
  BoostProcesses processes;
  CHECK(processes.run({.argv = {folder / "script"}}).error().what ==
        "cannot start " + (folder / "script") + ": Permission denied");
}

TEST_CASE("the environment is inherited and the command's comes on top") {
  ::setenv("DANECTL_TEST_INHERITED", "one", 1);
  ::setenv("DANECTL_TEST_CHANGED", "two", 1);
  auto command = shell("echo $DANECTL_TEST_INHERITED $DANECTL_TEST_CHANGED $DANECTL_TEST_NEW");
  command.environment = {{"DANECTL_TEST_CHANGED", "three"}, {"DANECTL_TEST_NEW", "four"}};
  CHECK(run(command).out == "one three four\n");
}

TEST_CASE("standard input is empty unless there is input") {
  CHECK(run(shell("cat; echo end")).out == "end\n");
  auto command = shell("wc -c");
  command.input = std::string(300000, 'x');
  CHECK(run(command).out == "300000\n");
}

TEST_CASE("a child that does not read its input does no harm") {
  auto command = shell("exit 0");
  command.input = std::string(1000000, 'x');
  CHECK(run(command).success());
}

TEST_CASE("a death by signal 9 is not an exit with code 9") {
  const auto killed = run(shell("kill -9 $$"));
  CHECK(killed.signal == 9);
  CHECK(killed.text() == "ended by signal 9");
  const auto exited = run(shell("exit 9"));
  CHECK(exited.signal == 0);
  CHECK(exited.exit_code == 9);
}

TEST_CASE("of much output the last 64 KiB are kept, of both streams") {
  const auto outcome = run(shell("seq 1 200000; seq 1 200000 >&2"));
  CHECK(outcome.success());
  CHECK(outcome.out.size() == 65536);
  CHECK(outcome.out.ends_with("199999\n200000\n"));
  CHECK(outcome.err.ends_with("199999\n200000\n"));
}

TEST_CASE("outputs kept in files outlive danectl, and only their end is handed back") {
  TemporaryFolder folder;
  PosixFiles files;
  auto command = shell("echo begin; seq 1 200000; echo oops > /dev/stderr; echo end >> /dev/stdout; exit 1");
  command.output_folder = folder.path();
  for (int again = 0; again < 2; ++again) {
    const auto outcome = run(command);
    CHECK(outcome.exit_code == 1);
    CHECK(outcome.out.size() == 65536);
    CHECK(outcome.out.ends_with("200000\nend\n"));
    CHECK(outcome.err == "oops\n");
    CHECK(files.read(folder / "stdout").value().starts_with("begin\n1\n"));
    CHECK(files.info(folder / "stdout").value()->mode == 0600);
  }
}

TEST_CASE("a background child that holds the pipes open does not delay the end, and lives on") {
  Stopwatch watch;
  const auto outcome = run(shell("sleep 30 & echo $!"));
  CHECK(watch.passed() < std::chrono::seconds(5));
  CHECK(outcome.success());
  REQUIRE(alive(outcome.out));
  ::kill(std::stoi(outcome.out), SIGKILL);
}

TEST_CASE("a background child that writes without end does not delay the end") {
  Stopwatch watch;
  const auto outcome = run(shell("yes & sleep 0.2"));
  CHECK(watch.passed() < std::chrono::seconds(10));
  CHECK(outcome.success());
}

TEST_CASE("what a child's end finds in the pipe comes once and in order") {
  TemporaryFolder folder;
  const auto file = folder / "lines";
  REQUIRE(run(shell("seq 100000 999999 > " + file)).success());
  for (int again = 0; again < 8; ++again) {
    const auto outcome = run(shell("while cat " + file + " 2> /dev/null; do :; done & sleep 0.1"));
    REQUIRE(outcome.out.size() == 65536);
    std::istringstream lines(outcome.out.substr(outcome.out.find('\n') + 1));
    int line = 0;
    lines >> line;
    bool in_order = true;
    for (int next = 0; lines >> next && !lines.eof(); line = next) {
      in_order = in_order && next == (line == 999999 ? 100000 : line + 1);
    }
    CHECK(in_order);
  }
}

TEST_CASE("the time limit ends a child with SIGINT") {
  Stopwatch watch;
  const auto outcome =
      run(shell("trap 'echo interrupted; exit 7' INT; echo started; while :; do sleep 0.1; done", Seconds(1)));
  CHECK(outcome.timed_out);
  CHECK(outcome.out == "started\ninterrupted\n");
  CHECK_FALSE(outcome.success());
  CHECK(outcome.text() == "did not end within 1 s");
  CHECK(watch.passed() < std::chrono::seconds(4));
}

TEST_CASE("a child deaf to SIGINT is killed with its whole group") {
  Stopwatch watch;
  const auto outcome = run(shell("trap '' INT; sleep 60 & echo $!; wait; sleep 60", Seconds(1)));
  CHECK(outcome.timed_out);
  CHECK(outcome.signal == 9);
  CHECK(watch.passed() >= std::chrono::milliseconds(5900));
  CHECK(watch.passed() < std::chrono::seconds(9));
  CHECK(gone_soon(outcome.out.substr(0, outcome.out.find('\n'))));
}

TEST_CASE("what outlives a child that heeded SIGINT is killed too") {
  const auto outcome =
      run(shell("(trap '' INT; exec sleep 60) & echo $!; sleep 0.2; trap 'exit 1' INT; wait", Seconds(1)));
  CHECK(outcome.timed_out);
  CHECK(gone_soon(outcome.out.substr(0, outcome.out.find('\n'))));
}

TEST_CASE("a child leads a process group of its own") {
  const auto outcome = run(shell("echo $$; cut -d ' ' -f 5 /proc/$$/stat"));
  const auto pid = outcome.out.substr(0, outcome.out.find('\n') + 1);
  CHECK(outcome.out == pid + pid);
}

TEST_CASE("a child inherits no lock") {
  TemporaryFolder folder;
  PosixFiles files;
  auto lock = files.lock(folder / "lock", std::chrono::milliseconds(0));
  auto certbots = files.lock_as_certbot(folder.path(), std::chrono::milliseconds(0));
  const auto open_there = run({.argv = {"ls", "-l", "/proc/self/fd"}, .time_limit = Seconds(20)}).out;
  CHECK(open_there.find(folder.path()) == std::string::npos);
}

TEST_CASE("SIGPIPE is as usual in a child, even when ignored here") {
  struct sigaction ignore {};
  struct sigaction before {};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &ignore, &before);
  const auto outcome = run(shell("trap '' TERM; (yes; echo $? >&2) | head -n 1"));
  ::sigaction(SIGPIPE, &before, nullptr);
  CHECK(outcome.err == "141\n");
}
