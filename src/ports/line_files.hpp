// Texts of lines that may be larger than memory: read from the beginning, written at the end.
#pragma once

#include "core/base/result.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace danectl {

class LineReader {
 public:
  virtual ~LineReader() = default;

  enum class Next {
    line,
    none_yet,  // a pipe or a terminal has none just now
    end,
  };
  // `line` is without its end, and never longer than 64 KiB: of a longer line only that much is there. Errors: as
  // Files.
  virtual Result<Next> next(std::string& line) = 0;
};

// A file to which whole lines are added. While it is open no other process adds to it.
class GrowingFile {
 public:
  virtual ~GrowingFile() = default;

  // The lines that the file had when it was opened, one after the other, without their ends. False: there is no further
  // one; what is behind the last line end is `rest()`. A line of more than 1 MiB is ErrorKind::invalid.
  virtual Result<bool> next(std::string& line) = 0;
  [[nodiscard]] virtual std::string_view rest() const = 0;

  // Puts these lines, or none, behind the last line that next() gave, and drops what was there.
  virtual Status append(std::string_view lines) = 0;
  // What was appended survives a power failure.
  virtual Status sync() = 0;
};

class LineFiles {
 public:
  virtual ~LineFiles() = default;

  // "-" is standard input.
  virtual Result<std::unique_ptr<LineReader>> read(const std::string& path) = 0;
  // Made when it is not there, with mode 0644. ErrorKind::invalid: it is no regular file; not_yet: another process
  // has it.
  virtual Result<std::unique_ptr<GrowingFile>> grow(const std::string& path) = 0;
};

}  // namespace danectl
