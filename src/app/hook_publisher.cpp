#include "app/children.hpp"
#include "app/publisher.hpp"

#include <fmt/format.h>

namespace danectl {
namespace {

constexpr Seconds hook_limit{120};

class HookPublisher : public Publisher {
 public:
  explicit HookPublisher(const Workshop& shop) : shop_(shop) {}

  // The order within an RRset counts; what failed of one RRset does not keep another from being tried.
  Status add(const std::vector<RRsetChange>& changes) override {
    Status result;
    for (const RRsetChange& change : changes) {
      Status one;
      for (const Association& association : change.add) {
        if (one) one = call("add", change.owner, change.ttl, association);
      }
      if (!one && result) result = one;
    }
    return result;
  }

  Result<Removed> remove(const RRsetRemoval& removal) override {
    for (const Association& association : removal.remove) {
      if (auto done = call("delete", removal.owner, removal.ttl, association); !done) return done.error();
    }
    return Removed::done;
  }

 private:
  Status call(const std::string& verb, const DnsName& owner, Seconds ttl, const Association& association) {
    std::vector<std::string> argv = shop_.config().publish.command;
    if (argv.empty()) return usage_error("[publish] method = \"hook\" wants a command");
    const std::string shown = fmt::format("{} {} {}", joined(argv), verb, owner.text());
    argv.insert(argv.end(), {verb, owner.text(), std::to_string(ttl.count()), association.text()});
    auto done = run_child(shop_, {.argv = argv, .time_limit = hook_limit}, shown);
    if (!done) return failed("publish hook " + done.error().what, "the next `danectl run` or `publish` tries again");
    return {};
  }

  const Workshop& shop_;
};

}  // namespace

std::unique_ptr<Publisher> hook_publisher(const Workshop& shop) {
  return std::make_unique<HookPublisher>(shop);
}

}  // namespace danectl
