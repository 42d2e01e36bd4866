// One of a child's two outputs: where the child writes it, and the last 64 KiB of it.
#pragma once

#include "core/base/result.hpp"

#include <boost/asio/io_context.hpp>

#include <memory>
#include <string>

namespace danectl {

class ChildOutput {
 public:
  virtual ~ChildOutput() = default;
  [[nodiscard]] virtual int sink() const = 0;  // the child's descriptor
  virtual void start() = 0;                    // the child has started
  virtual void finish() = 0;                   // the child has exited
  virtual std::string take() = 0;              // its end, after finish()
};

// Read as it comes. `loop` REQUIRES to live longer.
Result<std::unique_ptr<ChildOutput>> output_by_pipe(boost::asio::io_context& loop);
// Written to a file, which the child goes on with even when we are killed: a broken pipe would end it half-way.
Result<std::unique_ptr<ChildOutput>> output_in_file(const std::string& path);

}  // namespace danectl
