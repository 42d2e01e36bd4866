#include "core/dns/a_label.hpp"

#include <idn2.h>

#include <memory>

namespace danectl {

std::optional<std::string> with_a_labels(const std::string& utf8_name) {
  char* made = nullptr;
  const int result = idn2_to_ascii_8z(utf8_name.c_str(), &made, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  const std::unique_ptr<char, decltype(&idn2_free)> name(made, &idn2_free);
  if (result != IDN2_OK || name == nullptr) return std::nullopt;
  return std::string(name.get());
}

}  // namespace danectl
