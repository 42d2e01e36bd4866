#include "system/host/posix_line_files.hpp"

#include "system/host/descriptor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>

namespace danectl {
namespace {

constexpr std::size_t piece_size = std::size_t{64} << 10U;
constexpr std::size_t longest_read = std::size_t{64} << 10U;
constexpr std::size_t longest_kept = std::size_t{1} << 20U;

// 0: the end.
Result<std::size_t> read_some(const Descriptor& file, std::string& into, const std::string& path) {
  std::array<char, piece_size> piece;
  for (;;) {
    const ssize_t count = ::read(file.get(), piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno_error("read", path);
    into.append(piece.data(), static_cast<std::size_t>(count));
    return static_cast<std::size_t>(count);
  }
}

// What was read and is not yet handed out.
class Unread {
 public:
  // The next whole line, without its end.
  bool take_line(std::string& line) {
    const std::size_t end = text_.find('\n', searched_);
    if (end == text_.npos) {
      searched_ = text_.size();
      return false;
    }
    line.assign(text_, begin_, end - begin_);
    begin_ = searched_ = end + 1;
    return true;
  }
  [[nodiscard]] std::string_view rest() const { return std::string_view(text_).substr(begin_); }
  void shorten_to(std::size_t size) {
    more().resize(size);
    searched_ = size;
  }
  // To read more into.
  std::string& more() {
    text_.erase(0, begin_);
    searched_ -= begin_;
    begin_ = 0;
    return text_;
  }

 private:
  std::string text_;
  std::size_t begin_ = 0;
  std::size_t searched_ = 0;
};

class PosixLineReader : public LineReader {
 public:
  PosixLineReader(Descriptor file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}

  Result<Next> next(std::string& line) override {
    while (!unread_.take_line(line)) {
      if (at_end_) return last_line(line);
      // What is longer than any line may be is read on, and not kept.
      if (unread_.rest().size() > longest_read) unread_.shorten_to(longest_read);
      pollfd ready{file_.get(), POLLIN, 0};
      if (::poll(&ready, 1, 0) <= 0) return Next::none_yet;
      const auto count = read_some(file_, unread_.more(), path_);
      if (!count) return count.error();
      at_end_ = *count == 0;
    }
    line.resize(std::min(line.size(), longest_read));
    return Next::line;
  }

 private:
  Result<Next> last_line(std::string& line) {
    if (unread_.rest().empty()) return Next::end;
    line = unread_.rest().substr(0, longest_read);
    unread_.more().clear();
    return Next::line;
  }

  Descriptor file_;
  std::string path_;
  Unread unread_;
  bool at_end_ = false;
};

class PosixGrowingFile : public GrowingFile {
 public:
  PosixGrowingFile(Descriptor file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}

  Result<bool> next(std::string& line) override {
    while (!unread_.take_line(line)) {
      if (unread_.rest().size() > longest_kept) {
        return invalid(fmt::format("{} has a line of more than 1 MiB", path_));
      }
      const auto count = read_some(file_, unread_.more(), path_);
      if (!count) return count.error();
      if (*count == 0) return false;
    }
    end_ += static_cast<off_t>(line.size() + 1);
    return true;
  }

  [[nodiscard]] std::string_view rest() const override { return unread_.rest(); }

  Status append(std::string_view lines) override {
    if (!cut_) {
      if (::ftruncate(file_.get(), end_) != 0) return errno_error("shorten", path_);
      if (::lseek(file_.get(), end_, SEEK_SET) < 0) return errno_error("write", path_);
      cut_ = true;
    }
    while (!lines.empty()) {
      const ssize_t written = ::write(file_.get(), lines.data(), lines.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return errno_error("write", path_);
      lines.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
  }

  Status sync() override { return ::fsync(file_.get()) == 0 ? Status() : Status(errno_error("sync", path_)); }

 private:
  Descriptor file_;
  std::string path_;
  Unread unread_;
  off_t end_ = 0;  // of the last line that next() gave
  bool cut_ = false;
};

}  // namespace

Result<std::unique_ptr<LineReader>> PosixLineFiles::read(const std::string& path) {
  const bool standard_input = path == "-";
  Descriptor file(standard_input ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
                                 : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  const std::string name = standard_input ? "standard input" : path;
  if (!file) return errno_error("read", name);
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return errno_error("look at", name);
  if (S_ISDIR(info.st_mode)) return errno_error("read", name, EISDIR);
  return std::unique_ptr<LineReader>(std::make_unique<PosixLineReader>(std::move(file), name));
}

Result<std::unique_ptr<GrowingFile>> PosixLineFiles::grow(const std::string& path) {
  // O_NONBLOCK: a pipe in its place must not hold up who opens it.
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0644));
  if (!file) return errno_error("write", path);
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return errno_error("look at", path);
  if (!S_ISREG(info.st_mode)) return invalid(fmt::format("{} is not a regular file", path));
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return errno_error("lock", path);
    return not_yet(fmt::format("{} is being written by another process", path));
  }
  return std::unique_ptr<GrowingFile>(std::make_unique<PosixGrowingFile>(std::move(file), path));
}

}  // namespace danectl
