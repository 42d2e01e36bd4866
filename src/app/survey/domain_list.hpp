// The list of mail domains that a survey goes through: what is on it, each once, in its order.
#pragma once

#include "core/survey/list_line.hpp"
#include "core/survey/recent_names.hpp"
#include "ports/line_files.hpp"

#include <cstdint>
#include <memory>

namespace danectl {

struct ListEntry {
  std::uint64_t number = 0;  // of the line, from 1
  DnsName domain;
  std::string fault;  // why the line has no domain; empty: it has
};

class DomainList {
 public:
  explicit DomainList(std::unique_ptr<LineReader> reader) : reader_(std::move(reader)) {}

  // Without blank lines, comments, and domains that were there before (as far as RecentNames remembers).
  Result<LineReader::Next> next(ListEntry& entry);
  // Domains that were left out, since they were there before.
  [[nodiscard]] std::uint64_t repeated() const { return repeated_; }

 private:
  std::unique_ptr<LineReader> reader_;
  RecentNames known_{std::size_t{1} << 19U};
  std::uint64_t number_ = 0;
  std::uint64_t repeated_ = 0;
};

}  // namespace danectl
