#include "core/rollover/candidate.hpp"

#include "fakes/test_chain.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

const WallTime begin{std::chrono::sys_days{std::chrono::year(2030) / 1 / 1}};
constexpr std::chrono::hours a_day{24};

// Two chains of one lineage, by one issuer: what is deployed, and what comes next.
struct Promotion {
  static Chain issue(const std::vector<std::string>& names, const TestCa& by, const std::string& key = test_key()) {
    return parse_chain(by.issue(names, key, begin, begin + 90 * a_day)).value();
  }
  [[nodiscard]] std::string trouble(const Chain& chain, WallTime now = begin + a_day) const {
    const Status good = check_chain({chain, next.leaf().key, present, lineage, now, wanted});
    return good ? std::string() : good.error().what;
  }
  [[nodiscard]] bool says(const Chain& chain, const std::string& words, WallTime now = begin + a_day) const {
    INFO(trouble(chain, now));
    return trouble(chain, now).find(words) != std::string::npos;
  }

  Chain present = issue({"mx.example.lab"}, test_ca());
  std::string key = test_key();
  Chain next = issue({"mx.example.lab", "mail.example.lab"}, test_ca(), key);
  LineageConfig lineage;
  std::vector<std::string> wanted = present.leaf().names;
};

}  // namespace

TEST_CASE_METHOD(Promotion, "A chain for the next key with every name of the present one is good") {
  CHECK(trouble(next).empty());
}

TEST_CASE_METHOD(Promotion, "A chain for another key is refused") {
  CHECK_FALSE(trouble(present).empty());
}

TEST_CASE_METHOD(Promotion, "A chain without a name of the present one is refused by that name") {
  CHECK(says(issue({"mail.example.lab"}, test_ca(), key), "mx.example.lab"));
}

TEST_CASE_METHOD(Promotion, "A name that is not wanted any more may go") {
  wanted = {"mail.example.lab"};
  CHECK(trouble(issue({"mail.example.lab"}, test_ca(), key)).empty());
}

TEST_CASE_METHOD(Promotion, "Where the profile names an issuer the host of an owner stays, wanted or not") {
  lineage.profile = {{3, 1, 1}, {2, 1, 1}};
  lineage.tlsa = {parse_tlsa_owner("_25._tcp.mx.example.lab").value()};
  wanted = {"mail.example.lab"};
  const Chain without = issue({"mail.example.lab"}, test_ca(), key);
  CHECK(says(without, "mx.example.lab"));
  CHECK(trouble(issue({"*.example.lab"}, test_ca(), key)).empty());
  SECTION("but what the deployed certificate lacks, too, is no loss") {
    present = issue({"old.example.lab"}, test_ca());
    CHECK(trouble(without).empty());
  }
}

TEST_CASE_METHOD(Promotion, "A certificate for the next key is of other names once certbot has newer ones") {
  const Certificate certbots =
      parse_chain(test_ca().issue({"mx.example.lab"}, test_key(), begin + a_day, begin + 90 * a_day)).value().leaf();
  CHECK(is_of_other_names(next.leaf(), certbots));
  CHECK_FALSE(is_of_other_names(issue({"mx.example.lab"}, test_ca(), key).leaf(), certbots));
  CHECK_FALSE(is_of_other_names(next.leaf(), present.leaf()));
}

TEST_CASE_METHOD(Promotion, "A chain out of its dates is refused") {
  CHECK_FALSE(trouble(next, begin - a_day).empty());
  CHECK_FALSE(trouble(next, begin + 90 * a_day).empty());
}

TEST_CASE_METHOD(Promotion, "A chain whose issuer is another's is refused") {
  Chain mixed = next;
  mixed.certificates[1] = issue({"mx.example.lab"}, TestCa()).certificates[1];
  CHECK_FALSE(trouble(mixed).empty());
}

TEST_CASE_METHOD(Promotion, "Where the profile names an issuer a chain without one is refused") {
  const Chain alone = parse_chain(self_signed(key, {"mx.example.lab"})).value();
  CHECK(trouble(alone).empty());
  lineage.profile = {{2, 1, 1}};
  CHECK_FALSE(trouble(alone).empty());
}

TEST_CASE_METHOD(Promotion, "A certificate is due for renewal when a third of its life is left") {
  CHECK_FALSE(due_for_renewal(next.leaf(), {}, begin + 59 * a_day));
  CHECK(due_for_renewal(next.leaf(), {}, begin + 61 * a_day));
}

TEST_CASE_METHOD(Promotion, "When certbot was told to renew counts, but a fresh certificate is never due") {
  CHECK_FALSE(due_for_renewal(next.leaf(), {.before_expiry = 5 * a_day}, begin + 84 * a_day));
  CHECK(due_for_renewal(next.leaf(), {.before_expiry = 5 * a_day}, begin + 86 * a_day));
  CHECK_FALSE(due_for_renewal(next.leaf(), {.before_expiry = 100 * a_day}, begin + 44 * a_day));
  CHECK(due_for_renewal(next.leaf(), {.before_expiry = 100 * a_day}, begin + 46 * a_day));
}
