// When certbot renews a lineage by itself, as its renewal conf and certbot's own rules say.
#pragma once

#include "core/base/time.hpp"

#include <optional>
#include <string_view>

namespace danectl {

struct RenewalRule {
  std::optional<Seconds> before_expiry{};  // renew_before_expiry; nothing: certbot's own rule
  bool automatic = true;                   // autorenew = False: never by itself
  int certbot = 0;                         // first number of the version that wrote the conf; 0: not known
};

// "30 days", "6 months 1 week", "10": days. Nothing: what certbot makes of it is not known.
std::optional<Seconds> parse_interval(std::string_view text);

// The time left at which certbot has a certificate of this life (not_after - not_before) renewed, at the latest.
// certbot 4 renews when a third is left, below 10 days of life a half, or earlier if renew_before_expiry says so; older
// ones 30 days before the end, or when renew_before_expiry says.
Milliseconds renewed_below(const RenewalRule& rule, Milliseconds life);

// Less than this is left: certbot should have renewed. Its timer runs twice a day, and a CA may be down for some of
// them.
Milliseconds overdue_below(const RenewalRule& rule, Milliseconds life);

}  // namespace danectl
