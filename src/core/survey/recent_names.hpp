// Names that were met before, in memory that does not grow with their number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace danectl {

// It keeps a fingerprint of 64 bits for each name, each in the one place that the name has: a later name with the same
// place takes it. So a name that was met is taken for new when another has its place since; a new name is taken for one
// that was met when all 64 bits are the same, once in 10^19.
class RecentNames {
 public:
  // `places`: a power of 2. Of as many names that were met since, about a third is forgotten.
  explicit RecentNames(std::size_t places) : places_(places) {}

  // Whether the name is met for the first time, as far as is remembered. It is remembered from now on.
  bool is_new(std::string_view name) {
    const std::uint64_t mark = fingerprint(name);
    std::uint64_t& place = places_[mark & (places_.size() - 1)];
    if (place == mark) return false;
    place = mark;
    return true;
  }

 private:
  // FNV-1a, then the final mix of MurmurHash3, as the low bits choose the place. Never 0, which is the empty place.
  static std::uint64_t fingerprint(std::string_view name) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    hash = (hash ^ (hash >> 33U)) * 0xff51afd7ed558ccd;
    hash = (hash ^ (hash >> 33U)) * 0xc4ceb9fe1a85ec53;
    hash ^= hash >> 33U;
    return hash == 0 ? 1 : hash;
  }

  std::vector<std::uint64_t> places_;
};

}  // namespace danectl
