#pragma once

#include "ports/line_files.hpp"

namespace danectl {

class PosixLineFiles : public LineFiles {
 public:
  Result<std::unique_ptr<LineReader>> read(const std::string& path) override;
  Result<std::unique_ptr<GrowingFile>> grow(const std::string& path) override;
};

}  // namespace danectl
