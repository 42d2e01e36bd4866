// A world of one lineage for the verbs: real files in a temporary folder, and DNS, certbot, time and processes as the
// test says.
#pragma once

#include "app/store/workshop.hpp"
#include "fakes/cutting_files.hpp"
#include "fakes/looks.hpp"
#include "fakes/test_lineage.hpp"
#include "system/host/openssl_key_maker.hpp"

#include <sstream>

namespace danectl {

struct FakeClock : Clock {
  Instant now() override { return time; }
  void sleep(Milliseconds span) override {
    time.wall += span;
    time.since_boot += span;
  }
  Instant time = at(0);
};

// One name server that has `records`, with a TTL of a minute; or none that answers.
struct FakeResolver : Resolver {
  FakeResolver(FakeClock& the_clock, const RRset& the_records, const bool& is_down)
      : clock(the_clock), records(the_records), down(is_down) {}
  Result<Look> look(const std::vector<DnsName>& owners) override {
    Look look{clock.time, clock.time, {}};
    for (std::size_t i = 0; i < owners.size(); ++i) {
      look.owners.push_back(down ? no_answer(clock.time)
                                 : LookBuilder(clock.time).server("ns1.example.com", records, Seconds{60}).done());
    }
    return look;
  }
  FakeClock& clock;
  const RRset& records;
  const bool& down;
};

struct FakeAuthority : CertificateAuthority {
  FakeAuthority(FakeClock& the_clock, int& count, std::string the_name = "mx.example.lab")
      : clock(the_clock), issued(count), name(std::move(the_name)) {}
  Result<Chain> issue(const IssueRequest& request, const BeforeOrder& before_order) override {
    if (auto done = before_order(); !done) return done.error();
    ++issued;
    const WallTime now = clock.time.wall;
    return parse_chain(
        test_ca().issue({name}, request.private_key, now - std::chrono::hours(1), now + std::chrono::hours(24 * 90)));
  }
  FakeClock& clock;
  int& issued;
  std::string name;
};

// Servers that present nothing that anybody could tell.
struct FakeProbe : ServerProbe {
  std::vector<ProbeResult> probe(const std::vector<ProbeUrl>& urls, const ProbeProgress& = {}) override {
    std::vector<ProbeResult> results;
    for (const ProbeUrl& url : urls) {
      results.push_back({url, {{"192.0.2.25", ProbedAddress::Kind::failed, "connection refused", {}}}});
    }
    return results;
  }
};

struct FakeInspector : DnsInspector {
  explicit FakeInspector(const Inspection& the_inspection) : inspection(the_inspection) {}
  Inspection inspect(const std::vector<OwnerLook>&) override { return inspection; }
  std::map<std::string, std::string> without_tcp(const std::vector<std::string>&) override { return {}; }
  const Inspection& inspection;
};

struct RecordingProcesses : Processes {
  Result<Outcome> run(const Command& command) override {
    started.push_back(command);
    Outcome outcome;
    outcome.exit_code = exit_code;
    outcome.err = err;
    return outcome;
  }
  Result<std::string> find(const std::string& program) override { return program; }
  std::vector<Command> started;
  int exit_code = 0;
  std::string err;
};

class SmallWorld {
 public:
  SmallWorld() {
    clock.time.wall = WallTime{std::chrono::sys_days{std::chrono::year(2030) / 1 / 2}};
    lineage.make(first);
    settings.lineage_folder = lineage.certbot_dir() + "/../lineages";
    settings.config.certbot_dir = lineage.certbot_dir();
    settings.config.state_dir = state_dir();
    LineageConfig enrolled;
    enrolled.name = "mx.example.lab";
    enrolled.tlsa = {test_owner()};
    enrolled.reload = {{"reload-server"}};
    settings.lineages = {enrolled};
  }

  [[nodiscard]] std::string state_dir() const { return lineage.certbot_dir() + "/../state"; }
  [[nodiscard]] const LineageConfig& enrolled() const { return settings.lineages.front(); }
  Workshop shop() { return {world, settings, output}; }
  void publish(const KeyId& key) { records.push_back(association_of(key, enrolled().profile.front())); }

  TestLineage lineage;
  KeyAndChain first = new_material();
  FakeClock clock;
  CuttingFiles files{lineage.files};
  RecordingProcesses processes;
  OpensslKeyMaker keys;
  RRset records;
  bool dns_down = false;
  int issued = 0;
  Inspection inspection;
  World world{clock,
              files,
              processes,
              keys,
              [this](const Config&) { return std::make_unique<FakeResolver>(clock, records, dns_down); },
              [this](const Config&) { return std::make_unique<FakeAuthority>(clock, issued); },
              [](const Config&) { return std::make_unique<FakeProbe>(); },
              [this](const Config&) { return std::make_unique<FakeInspector>(inspection); }};
  Settings settings;
  std::ostringstream out;
  std::ostringstream err;
  Output output{.out = out, .err = err};
};

}  // namespace danectl
