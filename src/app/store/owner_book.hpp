// What this call knows of DNS: the ledgers of owners, as their files have them and as the looks of this call continue
// them, and where the aliases of owners lead.
#pragma once

#include "app/frame/paths.hpp"
#include "core/rollover/held.hpp"
#include "ports/files.hpp"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace danectl {

class OwnerBook {
 public:
  // Reads the ledgers of these names and of those that their aliases lead to, each file once a call. Of an owner also
  // that of its base domain, and where that is or was an alias, those of the owners that senders ask first.
  Status load(Files& files, const Paths& paths, const std::vector<DnsName>& names);
  // Continues the ledgers. Nothing is written. `min_hold`: as for after_look.
  Status note(Files& files, const Paths& paths, const Look& look, Seconds min_hold = Seconds{0});
  // Writes the ledgers that have changed.
  Status save(Files& files, const Paths& paths);

  [[nodiscard]] const Ledgers& ledgers() const { return ledgers_; }
  [[nodiscard]] const Ledger& ledger(const DnsName& name) const { return ledger_of(ledgers_, name); }
  void replace(Ledger ledger);
  // The last look of this call at each owner, sorted by owner.
  [[nodiscard]] const std::vector<OwnerLook>& looks() const { return looks_; }
  // Grows with each change of what is known.
  [[nodiscard]] unsigned edition() const { return edition_; }

  // Where the aliases of the owner end; the owner itself when it is not known to be an alias.
  [[nodiscard]] DnsName canonical(const DnsName& owner) const;
  [[nodiscard]] bool looked_at(const DnsName& owner) const { return look_of(looks_, owner) != nullptr; }

  // True the first time, for what is done once a call.
  bool begin_to_look_at_the_rest() { return !std::exchange(rest_looked_at_, true); }
  [[nodiscard]] bool all_looked_at() const { return rest_looked_at_; }
  bool begin_to_load_the_rest() { return !std::exchange(rest_loaded_, true); }
  // An owner of which not even that tells where it leads, and why; empty: there is none.
  [[nodiscard]] const std::string& unknown() const { return unknown_; }
  void set_unknown(std::string owner) { unknown_ = std::move(owner); }

 private:
  Status load_with_aliases(Files& files, const Paths& paths, std::vector<DnsName> open);

  Ledgers ledgers_;
  std::set<DnsName> changed_;
  std::vector<OwnerLook> looks_;
  unsigned edition_ = 0;
  bool rest_looked_at_ = false;
  bool rest_loaded_ = false;
  std::string unknown_;
};

}  // namespace danectl
