#include "core/mail/profile_text.hpp"

#include <fmt/format.h>

#include <map>

namespace danectl {

std::string profile_text(const RRset& records) {
  std::map<Group, std::size_t> groups;
  for (const Association& record : records) ++groups[record.group];
  std::string text;
  for (auto at = groups.rbegin(); at != groups.rend(); ++at) {
    if (!text.empty()) text += " + ";
    if (at->second > 1) text += fmt::format("{}x ", at->second);
    text += at->first.text();
  }
  return text;
}

}  // namespace danectl
