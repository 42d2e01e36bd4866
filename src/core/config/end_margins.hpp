// When a certificate is near its end.
#pragma once

#include "core/base/time.hpp"
#include "core/config/config.hpp"

namespace danectl {

// The time left below which it is warned, and below which it is critical.
struct EndMargins {
  Milliseconds warning;
  Milliseconds critical;
};

// As [check] says, but never more than a third and a sixth of the life (not_after - not_before): certbot renews when a
// third is left.
EndMargins end_margins(const CheckConfig& limits, Milliseconds life);

}  // namespace danectl
