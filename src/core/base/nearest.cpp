#include "core/base/nearest.hpp"

#include <algorithm>

namespace danectl {
namespace {

// Longer words are no slip of the hand, and would cost time.
constexpr std::size_t longest = 255;

// The optimal string alignment distance.
std::size_t slips(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t other = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + other});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

}  // namespace

std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& known) {
  if (word.size() > longest) return std::nullopt;
  std::optional<std::string> found;
  std::size_t fewest = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string& one : known) {
    if (one.size() > longest) continue;
    const std::size_t distance = slips(word, one);
    if (distance >= fewest) continue;
    fewest = distance;
    found = one;
  }
  return found;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known, const std::string& hint) {
  const auto meant = nearest(word, known);
  return meant ? "did you mean " + *meant + "? " + hint : hint;
}

}  // namespace danectl
