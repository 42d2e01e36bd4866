#include "core/certbot/renewal_rule.hpp"

#include "core/certbot/renewal_conf.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace danectl;
using std::chrono::hours;

namespace {

constexpr hours day{24};

RenewalRule rule_of(const std::string& top, const std::string& params) {
  const auto conf = read_renewal_conf(
      top + "archive_dir = /a\ncert = /c\nprivkey = /p\nchain = /h\nfullchain = /f\n[renewalparams]\n" + params,
      "conf");
  if (!conf) FAIL(conf.error().what);
  return conf->renewal;
}

}  // namespace

TEST_CASE("an interval is read as certbot's documents write it") {
  CHECK(parse_interval("30 days") == 30 * day);
  CHECK(parse_interval("10") == 10 * day);
  CHECK(parse_interval("3 Weeks") == 21 * day);
  CHECK(parse_interval("6 months 1 week") == 187 * day);
  CHECK(parse_interval("3 days, 12 hours") == 3 * day + hours{12});
  CHECK(parse_interval("1d") == day);
  for (const char* const text : {"", " ", "days", "soon", "30 fortnights", "-3 days", "3.5 days", "99999999999 days"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_interval(text));
  }
}

TEST_CASE("a third of the life is when certbot renews, for a short life a half") {
  CHECK(renewed_below({}, 90 * day) == 30 * day);
  CHECK(renewed_below({}, 45 * day) == 15 * day);
  CHECK(renewed_below({}, 6 * day) == 3 * day);
  CHECK(renewed_below({}, 10 * day) == hours{80});
}

TEST_CASE("a certbot that does not know of shares renews 30 days before the end") {
  CHECK(renewed_below({.certbot = 2}, 365 * day) == 30 * day);
  CHECK(renewed_below({.certbot = 4}, 360 * day) == 120 * day);
}

TEST_CASE("what the conf says counts, for certbot 4 where it is earlier, and no more than the life") {
  CHECK(renewed_below({.before_expiry = 5 * day, .certbot = 2}, 90 * day) == 5 * day);
  CHECK(renewed_below({.before_expiry = 5 * day, .certbot = 4}, 90 * day) == 30 * day);
  CHECK(renewed_below({.before_expiry = 60 * day, .certbot = 4}, 90 * day) == 60 * day);
  CHECK(renewed_below({.before_expiry = 200 * day}, 90 * day) == 90 * day);
}

TEST_CASE("a renewal is overdue some runs of certbot's timer later") {
  CHECK(overdue_below({}, 90 * day) == 27 * day);
  CHECK(overdue_below({.before_expiry = 5 * day}, 90 * day) == 4 * day + hours{12});
  CHECK(overdue_below({.before_expiry = 200 * day}, 90 * day) == 87 * day);
}

TEST_CASE("the rule is read out of the conf") {
  const RenewalRule none = rule_of({}, {});
  CHECK_FALSE(none.before_expiry);
  CHECK(none.automatic);
  CHECK(none.certbot == 0);
  const RenewalRule told = rule_of("version = 4.1.1\nrenew_before_expiry = 10 days\n", "autorenew = False\n");
  CHECK(told.before_expiry == 10 * day);
  CHECK_FALSE(told.automatic);
  CHECK(told.certbot == 4);
  CHECK_FALSE(rule_of("# renew_before_expiry = 30 days\n", "autorenew = True\n").before_expiry);
  CHECK(rule_of({}, "autorenew = True\n").automatic);
}
