// The name servers ns1 (the primary) and ns2 of a scenario, the provider that changes the zone, and what caches may
// hold of it. Time is a number: what is asked at one moment is answered at the same.
#pragma once

#include "core/dns/look.hpp"

#include <functional>
#include <string>
#include <vector>

namespace danectl {

class NameServers {
 public:
  // `judge`: after each change of what any server gives.
  NameServers(const WallTime& now, std::function<void()> judge) : now_(now), judge_(std::move(judge)) {}

  struct Server {
    std::string host;
    RRset own{};  // what stands at the owner itself
    RRset wildcard{};
    Seconds ttl{};
    bool silent = false;
    bool lags = false;  // it does not follow the primary
    [[nodiscard]] const RRset& gives() const { return own.empty() ? wildcard : own; }
  };
  // An unknown name: ScenarioError.
  Server& server(const std::string& host);
  [[nodiscard]] const std::vector<Server>& servers() const { return servers_; }

  enum class Where { own, wildcard };
  void give(Server& server, Where where, const RRset& records, Seconds ttl);
  void follow();

  // By danectl. A slow provider says yes, and does it later.
  struct Change {
    bool adds = true;
    RRset records{};
    Seconds ttl{};         // of what is added, and of the whole RRset then
    bool only_if = false;  // the owner has exactly `seen`
    RRset seen{};
  };
  bool change(const Change& change);  // false: the owner has other records
  static Change change_of(const std::string& nsupdate_script);
  void set_slow(bool slow) { slow_ = slow; }
  void do_what_was_asked();

  [[nodiscard]] OwnerLook look() const;
  // What any server gives, or gave so lately that a cache may hold it.
  [[nodiscard]] std::vector<RRset> in_caches() const;

 private:
  struct Given {
    RRset records;
    WallTime until;
  };
  bool carry_out(const Change& change);

  const WallTime& now_;
  std::function<void()> judge_;
  std::vector<Server> servers_{{"ns1"}, {"ns2"}};
  std::vector<Given> past_;
  std::vector<Change> asked_;
  bool slow_ = false;
};

}  // namespace danectl
