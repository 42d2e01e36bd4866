#include "core/certbot/renewal_rule.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cctype>
#include <string>
#include <utility>

namespace danectl {
namespace {

using std::chrono::hours;

constexpr int certbot_of_shares = 4;  // renews by shares of the life
constexpr Milliseconds short_life = hours{24 * 10};
constexpr long most = 100'000;  // of any unit: longer than any certificate lives

std::optional<Seconds> unit_of(std::string unit) {
  if (unit.size() > 1 && unit.back() == 's') unit.pop_back();
  constexpr std::array<std::pair<std::string_view, Seconds>, 16> units{{{"", hours{24}},
                                                                        {"s", Seconds{1}},
                                                                        {"sec", Seconds{1}},
                                                                        {"second", Seconds{1}},
                                                                        {"m", Seconds{60}},
                                                                        {"min", Seconds{60}},
                                                                        {"minute", Seconds{60}},
                                                                        {"h", hours{1}},
                                                                        {"hr", hours{1}},
                                                                        {"hour", hours{1}},
                                                                        {"d", hours{24}},
                                                                        {"day", hours{24}},
                                                                        {"w", hours{24 * 7}},
                                                                        {"week", hours{24 * 7}},
                                                                        {"month", hours{24 * 30}},
                                                                        {"year", hours{24 * 365}}}};
  for (const auto& [name, length] : units) {
    if (unit == name) return length;
  }
  return std::nullopt;
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == ',';
}

}  // namespace

std::optional<Seconds> parse_interval(std::string_view text) {
  Seconds sum{0};
  bool any = false;
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  while (true) {
    at = std::find_if_not(at, end, is_blank);
    if (at == end) break;
    long number = 0;
    const auto [number_end, error] = std::from_chars(at, end, number);
    if (error != std::errc{} || number < 0 || number > most) return std::nullopt;
    at = std::find_if_not(number_end, end, is_blank);
    std::string unit;
    for (; at != end && std::isalpha(static_cast<unsigned char>(*at)) != 0; ++at) {
      unit += static_cast<char>(std::tolower(static_cast<unsigned char>(*at)));
    }
    const auto length = unit_of(unit);
    if (!length) return std::nullopt;
    sum += number * *length;
    any = true;
  }
  return any ? std::optional<Seconds>(sum) : std::nullopt;
}

Milliseconds renewed_below(const RenewalRule& rule, Milliseconds life) {
  Milliseconds own = life < short_life ? life / 2 : life / 3;
  const bool by_shares = rule.certbot >= certbot_of_shares;
  if (!by_shares && life >= short_life) own = std::min<Milliseconds>(own, hours{24 * 30});
  if (!rule.before_expiry) return own;
  const Milliseconds told = std::min<Milliseconds>(*rule.before_expiry, life);
  return by_shares ? std::max(told, own) : told;
}

Milliseconds overdue_below(const RenewalRule& rule, Milliseconds life) {
  const Milliseconds due = renewed_below(rule, life);
  return due - std::min<Milliseconds>({life / 30, due / 10, hours{24 * 3}});
}

}  // namespace danectl
