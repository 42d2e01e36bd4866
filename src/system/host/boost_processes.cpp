#include "system/host/boost_processes.hpp"

#include "system/host/boost_process_v1.hpp"
#include "system/host/child_output.hpp"
#include "system/host/descriptor.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cerrno>
#include <csignal>
#include <system_error>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace danectl {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds grace_after_sigint{5};

// A file in memory, not a pipe: a child that exits without reading it cannot end us with SIGPIPE.
Result<Descriptor> standard_input(const std::string& input) {
  if (input.empty()) {
    auto null = above_standard(Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC)));
    if (!null) return errno_error("open", "/dev/null");
    return null;
  }
  auto file = above_standard(Descriptor(::memfd_create("danectl-input", MFD_CLOEXEC)));
  for (std::size_t written = 0; file && written < input.size();) {
    const ssize_t count = ::write(file.get(), input.data() + written, input.size() - written);
    if (count < 0) return errno_error("write", "a child's input");
    written += static_cast<std::size_t>(count);
  }
  if (!file || ::lseek(file.get(), 0, SEEK_SET) != 0) return errno_error("make", "a child's input");
  return file;
}

// Ours with the command's on top. Made by hand, since assigning to Boost 1.74's own environment reads beyond the end of
// entries shorter than the name.
class Environment {
 public:
  explicit Environment(const std::map<std::string, std::string>& on_top) {
    for (char** entry = environ; *entry != nullptr; ++entry) {
      const std::string_view text = *entry;
      if (!on_top.contains(std::string(text.substr(0, text.find('='))))) entries_.emplace_back(text);
    }
    for (const auto& [name, value] : on_top) entries_.push_back(name + "=" + value);
    for (auto& entry : entries_) pointers_.push_back(entry.data());
    pointers_.push_back(nullptr);
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  char** block() { return pointers_.data(); }

 private:
  std::vector<std::string> entries_;
  std::vector<char*> pointers_;
};

// Runs in the child between fork and exec: only calls that are safe there.
struct ChildSetup {
  int input;
  int out;
  int err;

  template <class Executor>
  void operator()(Executor& /*executor*/) const {
    ::setpgid(0, 0);
    ::dup2(input, STDIN_FILENO);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(err, STDERR_FILENO);
    // Ignored signals and the mask outlive exec; a program expects neither.
    std::signal(SIGPIPE, SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
  }
};

Result<std::string> find_program(const std::string& program) {
  if (program.find('/') != std::string::npos) return program;
  const auto found = bp::search_path(program).string();
  if (found.empty()) {
    return failed("cannot find the program " + program + " on PATH", "install it, or name it by its absolute path");
  }
  return found;
}

// One child from start to end.
class Run {
 public:
  explicit Run(const Command& command) : command_(command) {}

  Status open_outputs() {
    for (auto& [output, name] : {std::pair{&out_, "/stdout"}, std::pair{&err_, "/stderr"}}) {
      auto opened =
          command_.output_folder.empty() ? output_by_pipe(loop_) : output_in_file(command_.output_folder + name);
      if (!opened) return opened.error();
      *output = std::move(*opened);
    }
    return {};
  }

  std::error_code start(const std::string& program, const Descriptor& input) {
    const ChildSetup setup{input.get(), out_->sink(), err_->sink()};
    Environment environment(command_.environment);
    const std::vector<std::string> arguments(command_.argv.begin() + 1, command_.argv.end());
    std::error_code error;
    child_ = bp::child(
        bp::exe = program, bp::args = arguments, loop_, error,
        bp::extend::on_setup = [&environment](auto& executor) { executor.env = environment.block(); },
        bp::extend::on_exec_setup = setup,
        bp::on_exit = [this](int, const std::error_code& wait_error) { exited(wait_error); });
    return error;
  }

  Outcome finish() {
    out_->start();
    err_->start();
    if (command_.time_limit > Seconds(0)) {
      timer_.expires_after(command_.time_limit);
      timer_.async_wait([this](const boost::system::error_code& error) {
        if (!error && !exited_) interrupt();
      });
    }
    loop_.run();
    return outcome();
  }

 private:
  void interrupt() {
    timed_out_ = true;
    kill_at_ = std::chrono::steady_clock::now() + grace_after_sigint;
    ::kill(-child_.id(), SIGINT);
    watch_group();
  }

  // The group may outlive its leader: certbot ends at SIGINT while its hook goes on.
  void watch_group() {
    const bool alive = !exited_ || ::kill(-child_.id(), 0) == 0;
    if (!alive) return;
    if (std::chrono::steady_clock::now() >= kill_at_) {
      ::kill(-child_.id(), SIGKILL);
      return;
    }
    timer_.expires_after(std::chrono::milliseconds(50));
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (!error) watch_group();
    });
  }

  void exited(const std::error_code& wait_error) {
    exited_ = true;
    wait_error_ = wait_error;
    if (!timed_out_) timer_.cancel();
    out_->finish();
    err_->finish();
  }

  Outcome outcome() {
    Outcome result;
    result.timed_out = timed_out_;
    result.time_limit = command_.time_limit;
    const int status = child_.native_exit_code();
    if (!wait_error_ && WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
    if (!wait_error_ && WIFSIGNALED(status)) result.signal = WTERMSIG(status);
    result.out = out_->take();
    result.err = err_->take();
    return result;
  }

  const Command& command_;
  asio::io_context loop_{1};
  asio::steady_timer timer_{loop_};
  std::unique_ptr<ChildOutput> out_;
  std::unique_ptr<ChildOutput> err_;
  bp::child child_;
  bool timed_out_ = false;
  bool exited_ = false;
  std::error_code wait_error_;
  std::chrono::steady_clock::time_point kill_at_;
};

Result<Outcome> run_found(const Command& command, const std::string& program) {
  auto input = standard_input(command.input);
  if (!input) return input.error();
  Run run(command);
  if (auto done = run.open_outputs(); !done) return done.error();
  if (auto error = run.start(program, *input); error) {
    return failed("cannot start " + program + ": " + error.message());
  }
  return run.finish();
}

}  // namespace

Result<std::string> BoostProcesses::find(const std::string& program) {
  auto found = find_program(program);
  if (found && ::access(found->c_str(), X_OK) != 0) {
    return failed("cannot start " + *found + ": " + std::generic_category().message(errno));
  }
  return found;
}

Result<Outcome> BoostProcesses::run(const Command& command) {
  if (command.argv.empty()) return failed("cannot start an empty command");
  auto program = find_program(command.argv.front());
  if (!program) return program.error();
  try {
    return run_found(command, *program);
  } catch (const std::exception& error) {
    return failed("cannot run " + *program + ": " + error.what());
  }
}

}  // namespace danectl
