// DNS messages in wire format, as tests put them together.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

namespace danectl {

using Bytes = std::vector<std::uint8_t>;

inline Bytes operator+(Bytes left, const Bytes& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

inline Bytes u16(unsigned value) {
  return {static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
}
inline Bytes u32(std::uint32_t value) {
  return u16(value >> 16) + u16(value & 0xffff);
}

// Any octets may stand between the dots.
inline Bytes wire(std::string_view text) {
  Bytes bytes;
  while (!text.empty() && text != ".") {
    const std::string_view label = text.substr(0, text.find('.'));
    bytes.push_back(static_cast<std::uint8_t>(label.size()));
    bytes.insert(bytes.end(), label.begin(), label.end());
    text.remove_prefix(std::min(label.size() + 1, text.size()));
  }
  bytes.push_back(0);
  return bytes;
}

}  // namespace danectl
