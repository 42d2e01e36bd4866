#include "core/config/end_margins.hpp"

#include <algorithm>

namespace danectl {

EndMargins end_margins(const CheckConfig& limits, Milliseconds life) {
  return {std::min<Milliseconds>(limits.warning, life / 3), std::min<Milliseconds>(limits.critical, life / 6)};
}

}  // namespace danectl
