#include "app/survey/domain_list.hpp"

namespace danectl {

Result<LineReader::Next> DomainList::next(ListEntry& entry) {
  std::string line;
  for (;;) {
    auto read = reader_->next(line);
    if (!read || *read != LineReader::Next::line) return read;
    ++number_;
    ListLine found = read_list_line(line);
    if (found.kind == ListLine::Kind::nothing) continue;
    if (found.kind == ListLine::Kind::domain && !known_.is_new(found.domain.text())) {
      ++repeated_;
      continue;
    }
    entry = {number_, std::move(found.domain), std::move(found.why)};
    return LineReader::Next::line;
  }
}

}  // namespace danectl
