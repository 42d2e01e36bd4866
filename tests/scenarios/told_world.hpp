// The world of a scenario: certbot's lineage mx.example.com and danectl on real files, its mail server, two name
// servers, and CAs; time stands still but where the scenario says otherwise.
#pragma once

#include "app/frame/world.hpp"
#include "fakes/small_world.hpp"
#include "scenarios/name_servers.hpp"
#include "scenarios/names.hpp"

#include <map>
#include <optional>
#include <string>

namespace danectl {

class ToldWorld : private Processes, private KeyMaker {
 public:
  ToldWorld();

  void set_time(const std::string& moment);

  // A sentence of README.md. One that is not among them, or cannot be now: ScenarioError.
  void happens(const std::string& sentence);

  // A command line of danectl, without the word `danectl`; its exit code.
  int call(const std::string& arguments);
  // All that it printed, with names for digests and times.
  [[nodiscard]] std::string said() const { return names_.in_words(said_); }

  // What `noun` is now ("published", "deployed", ...), parts separated by ", ". An unknown one: ScenarioError.
  std::string seen(const std::string& noun);

  // By the truth of this world: whatever RRset a cache may hold matches what the server presents, and what it would
  // present if it were started anew. ScenarioError where it does not.
  void judge();

 private:
  Result<std::string> find(const std::string& program) override;
  Result<Outcome> run(const Command& command) override;
  Result<std::string> make(KeyType type) override;
  std::vector<ProbeResult> probe(const std::vector<ProbeUrl>& urls);

  std::string new_key(const std::string& name);
  const TestCa& issuer(const std::string& name);
  Chain chain(const std::string& key);
  std::optional<Chain> deployed();
  void begin(const std::string& certbots, const std::string& presented);
  void certbot_renews(const std::string& name);
  void set_key(const std::string& file, const std::string& line);
  void back_up();
  void restore();

  std::string words(const Chain& chain) const;
  std::string words(const RRset& records) const;
  std::string status(const std::string& noun);

  struct DnsResolver;
  struct Authority;
  struct Probe;

  Names names_;
  FakeClock clock_;
  TestLineage lineage_{"mx.example.com"};
  OpensslKeyMaker maker_;
  NameServers dns_{clock_.time.wall, [this] { judge(); }};
  std::map<std::string, TestCa> issuers_;
  std::string issuer_ = "I1";
  int keys_ = 0;
  std::optional<Chain> presented_;  // by the mail server
  bool reload_works_ = true;
  std::map<std::string, std::string> backup_;
  Inspection inspection_;
  std::string said_;
  World world_;
};

}  // namespace danectl
