#include "system/host/child_output.hpp"

#include "system/host/descriptor.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <algorithm>
#include <array>

#include <fcntl.h>
#include <sys/stat.h>

namespace danectl {
namespace {

namespace asio = boost::asio;

constexpr std::size_t tail_size = 65536;
// After the child's exit: what a pipe can still hold, so that a background process that writes without end cannot keep
// us reading.
constexpr std::size_t largest_pipe = std::size_t{1} << 20;

class PipeOutput : public ChildOutput {
 public:
  PipeOutput(asio::io_context& loop, Descriptor source, Descriptor sink)
      : stream_(loop, source.release()), sink_(std::move(sink)) {
    stream_.non_blocking(true);
  }

  [[nodiscard]] int sink() const override { return sink_.get(); }

  void start() override {
    // Ours would keep the pipe open after the child's end.
    sink_ = Descriptor();
    read_on();
  }

  // The read under way may have its data already, and its handler not yet run: only then is it our turn to read.
  void finish() override {
    finishing_ = true;
    if (!reading_) return;
    boost::system::error_code ignored;
    stream_.cancel(ignored);
  }

  std::string take() override {
    if (text_.size() > tail_size) text_.erase(0, text_.size() - tail_size);
    return std::move(text_);
  }

 private:
  void read_on() {
    reading_ = true;
    stream_.async_read_some(asio::buffer(piece_), [this](const boost::system::error_code& error, std::size_t count) {
      reading_ = false;
      keep(count);
      if (finishing_) return drain();
      if (!error) read_on();
    });
  }

  // A background child of the child may hold the pipe open for ever, so its end is not waited for.
  void drain() {
    boost::system::error_code error;
    for (std::size_t total = 0; !error && total < largest_pipe;) {
      const std::size_t count = stream_.read_some(asio::buffer(piece_), error);
      keep(count);
      total += count;
    }
    stream_.close(error);
  }

  void keep(std::size_t count) {
    text_.append(piece_.data(), count);
    if (text_.size() > 4 * tail_size) text_.erase(0, text_.size() - tail_size);
  }

  asio::posix::stream_descriptor stream_;
  Descriptor sink_;
  std::array<char, 16384> piece_{};
  std::string text_;
  bool reading_ = false;
  bool finishing_ = false;
};

class FileOutput : public ChildOutput {
 public:
  explicit FileOutput(Descriptor file) : file_(std::move(file)) {}

  [[nodiscard]] int sink() const override { return file_.get(); }
  void start() override {}

  void finish() override {
    struct stat info {};
    if (::fstat(file_.get(), &info) != 0) return;
    const auto length = std::min<off_t>(info.st_size, tail_size);
    text_.resize(static_cast<std::size_t>(length));
    const auto count = ::pread(file_.get(), text_.data(), text_.size(), info.st_size - length);
    text_.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  }

  std::string take() override { return std::move(text_); }

 private:
  Descriptor file_;
  std::string text_;
};

}  // namespace

Result<std::unique_ptr<ChildOutput>> output_by_pipe(asio::io_context& loop) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return errno_error("make", "a pipe");
  auto source = above_standard(Descriptor(ends[0]));
  auto sink = above_standard(Descriptor(ends[1]));
  if (!source || !sink) return errno_error("make", "a pipe");
  return std::unique_ptr<ChildOutput>(std::make_unique<PipeOutput>(loop, std::move(source), std::move(sink)));
}

Result<std::unique_ptr<ChildOutput>> output_in_file(const std::string& path) {
  // Appended to, since a program may open its own output once more by /dev/stdout.
  auto file = above_standard(Descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600)));
  if (!file) return errno_error("open", path);
  return std::unique_ptr<ChildOutput>(std::make_unique<FileOutput>(std::move(file)));
}

}  // namespace danectl
