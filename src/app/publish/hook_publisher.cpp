#include "app/publish/hook_publisher.hpp"

#include "app/store/children.hpp"

#include <fmt/format.h>

namespace danectl {
namespace {

constexpr Seconds hook_limit{120};

class HookPublisher : public Publisher {
 public:
  HookPublisher(const Workshop& shop, const PublishConfig& section) : shop_(shop), section_(section) {}

  // Each record by itself, in their order: the first that fails ends it.
  ChangeResult change(const RRsetUpdate& update) override {
    const char* const verb = update.change.does == DnsChange::Does::add ? "add" : "delete";
    for (const Association& association : update.change.records) {
      if (auto done = call(verb, update.owner, update.ttl, association); !done) {
        return {ChangeResult::Kind::unclear, done.error()};
      }
    }
    return {};
  }

 private:
  Status call(const std::string& verb, const DnsName& owner, Seconds ttl, const Association& association) {
    std::vector<std::string> argv = section_.command;
    if (argv.empty()) return invalid(section_.section + ": method = \"hook\" wants a command");
    const std::string shown = fmt::format("{} {} {}", joined(argv), verb, owner.text());
    argv.insert(argv.end(), {verb, owner.text(), std::to_string(ttl.count()), data_text(association, section_.form)});
    auto done = run_child(shop_, {.argv = argv, .time_limit = hook_limit}, shown);
    const char* const again = verb == "add" ? "the next `danectl run` or `publish` tries again"
                                            : "the next `danectl run` tries again; after --foreign only you can";
    if (!done) return failed("publish hook " + done.error().what, again);
    return {};
  }

  const Workshop& shop_;
  const PublishConfig& section_;
};

}  // namespace

std::unique_ptr<Publisher> hook_publisher(const Workshop& shop, const PublishConfig& section) {
  return std::make_unique<HookPublisher>(shop, section);
}

}  // namespace danectl
