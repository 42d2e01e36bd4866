// Orders whose end danectl did not see.
#include "fakes/ready_to_promote.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

// Danectl and its certbot end in an order; what certbot had written is `made`.
struct EndedInOrder : CertificateAuthority {
  EndedInOrder(int& the_count, const std::optional<Chain>& what_is_made) : asked(the_count), made(what_is_made) {}
  Result<Chain> issue(const IssueRequest&, const BeforeOrder& before_order) override {
    CHECK(before_order().ok());
    ++asked;
    throw PowerCut();
  }
  Result<std::optional<Chain>> left_behind(const IssueRequest&, Milliseconds) override { return made; }
  int& asked;
  const std::optional<Chain>& made;
};

class CutInOrder : public ReadyToPromote {
 public:
  CutInOrder() {
    world.authority = [this](const Config&) { return std::make_unique<EndedInOrder>(asked, made); };
    settings.lineages.front().rollover = Seconds{1};
    CHECK_THROWS_AS(roll(RollMode::run).run(), PowerCut);
    CHECK(asked == 1);
  }
  int asked = 0;
  std::optional<Chain> made;
};

}  // namespace

TEST_CASE_METHOD(CutInOrder, "After a power cut in an order the CA is not asked before its time") {
  const auto told = roll(RollMode::run).run();
  REQUIRE_FALSE(told);
  CHECK(told.error().what ==
        "certbot was started for the next key of mx.example.lab, but how it ended could not be noted, and it left no "
        "certificate that can be used");
  CHECK(told.error().hint ==
        "danectl was ended, or had no room to note it; the CA may have issued a certificate, and CAs count them\n  "
        "`danectl run` asks again in 1 h");
  clock.sleep(Seconds{3590});
  CHECK(roll(RollMode::run).run().ok());
  CHECK(asked == 1);
  clock.sleep(Seconds{20});
  CHECK_THROWS_AS(roll(RollMode::run).run(), PowerCut);
  CHECK(asked == 2);
  CHECK_FALSE(roll(RollMode::run).run());
  CHECK(state().ca_refusals->count == 2);
}

TEST_CASE_METHOD(CutInOrder, "What certbot had written before a power cut is promoted by the next run") {
  const std::string key = files.read(paths().next_key("mx.example.lab")).value();
  const WallTime now = clock.time.wall;
  made = parse_chain(test_ca().issue({"mx.example.lab"}, key, now, now + std::chrono::hours(2160))).value();
  SECTION("at once") {}
  SECTION("also while the CA is left in peace") {
    State noted = state();
    noted.ca_refusals = Refusals{1, clock.time};
    REQUIRE(save_state(files, paths(), noted).ok());
  }
  CHECK(roll(RollMode::run).run().ok());
  CHECK(served() == next);
  CHECK(asked == 1);
  CHECK_FALSE(state().ca_refusals);
  CHECK_FALSE(state().pending.order_since);
}

TEST_CASE_METHOD(CutInOrder, "After a power cut in an order a person asks the CA at once") {
  CHECK_THROWS_AS(promote_all(), PowerCut);
  CHECK(asked == 2);
}

TEST_CASE("A failure before an order leaves nothing to find out") {
  ReadyToPromote world;
  world.world.authority = [](const Config&) {
    struct Unreachable : CertificateAuthority {
      Result<Chain> issue(const IssueRequest&, const BeforeOrder& before_order) override {
        CHECK(before_order().ok());
        return not_yet("connection refused");
      }
    };
    return std::make_unique<Unreachable>();
  };
  CHECK(world.promote_all() == 75);
  CHECK_FALSE(world.state().pending.order_since);
  CHECK_FALSE(world.state().ca_refusals);
}

TEST_CASE_METHOD(CutInOrder, "An order for a key that is dropped is not looked after any more") {
  REQUIRE(state().pending.order_since);
  REQUIRE(roll(RollMode::settle).discard_next().ok());
  CHECK_FALSE(state().pending.order_since);
}
