// Which keys are counted most, in memory that does not grow with their number: the algorithm Space-Saving (Metwally,
// Agrawal, El Abbadi: Efficient Computation of Frequent and Top-k Elements in Data Streams, ICDT 2005).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace danectl {

// `Tally`: what is kept beside each count, from when the key was last taken up.
template <class Tally>
class TopCounts {
 public:
  struct Entry {
    std::string key;
    std::uint64_t count = 0;  // at least the true one
    std::uint64_t error = 0;  // and at most so much more
    Tally tally{};
    [[nodiscard]] std::uint64_t at_least() const { return count - error; }
  };

  // `most`: keys that are kept. Each key that makes up more than one in `most` of all counts is among them.
  explicit TopCounts(std::size_t most) : most_(most) {}

  // Counts the key once more.
  Tally& add(const std::string& key) {
    auto found = entries_.find(key);
    if (found == entries_.end()) {
      found = take_up(key);
    } else {
      order_.erase({found->second.count, key});
    }
    order_.emplace(++found->second.count, key);
    return found->second.tally;
  }

  // Those that are counted most for certain, at least `fewest` times, the highest first; of equal ones by key.
  [[nodiscard]] std::vector<Entry> top(std::size_t number, std::uint64_t fewest) const {
    std::vector<Entry> all;
    for (const auto& [key, entry] : entries_) {
      if (entry.at_least() >= fewest) all.push_back(entry);
    }
    std::sort(all.begin(), all.end(), [](const Entry& one, const Entry& other) {
      if (one.at_least() != other.at_least()) return one.at_least() > other.at_least();
      return one.key < other.key;
    });
    if (all.size() > number) all.resize(number);
    return all;
  }

 private:
  auto take_up(const std::string& key) {
    std::uint64_t before = 0;
    if (entries_.size() >= most_) {
      const auto lowest = order_.begin();
      before = lowest->first;
      entries_.erase(lowest->second);
      order_.erase(lowest);
    }
    return entries_.emplace(key, Entry{key, before, before, {}}).first;
  }

  std::size_t most_;
  std::unordered_map<std::string, Entry> entries_;
  std::set<std::pair<std::uint64_t, std::string>> order_;
};

}  // namespace danectl
