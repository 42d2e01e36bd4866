// Where things lie below state_dir (danectl(1), FILES).
#pragma once

#include "core/rollover/chain_keys.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>

namespace danectl {

class Paths {
 public:
  explicit Paths(std::string state_dir) : state_dir_(std::move(state_dir)) {}

  [[nodiscard]] const std::string& state_dir() const { return state_dir_; }
  [[nodiscard]] std::string lock() const { return state_dir_ + "/lock"; }
  [[nodiscard]] std::string last_run() const { return state_dir_ + "/last-run"; }
  [[nodiscard]] std::string states() const { return state_dir_ + "/lineages"; }
  [[nodiscard]] std::string state(const std::string& name) const { return states() + "/" + name + ".json"; }
  [[nodiscard]] std::string ledgers() const { return state_dir_ + "/owners"; }
  [[nodiscard]] std::string ledger(const DnsName& owner) const { return ledgers() + "/" + owner.text() + ".json"; }
  [[nodiscard]] std::string next_root() const { return state_dir_ + "/next"; }
  [[nodiscard]] std::string next(const std::string& name) const { return next_root() + "/" + name; }
  [[nodiscard]] std::string next_key(const std::string& name) const { return next(name) + "/privkey.pem"; }
  [[nodiscard]] std::string next_chain(const std::string& name) const { return next(name) + "/fullchain.pem"; }
  [[nodiscard]] std::string candidates_root() const { return state_dir_ + "/candidates"; }
  [[nodiscard]] std::string candidates(const std::string& name) const { return candidates_root() + "/" + name; }
  [[nodiscard]] std::string candidate(const std::string& name, const std::string& copy) const {
    return candidates(name) + "/" + copy;
  }
  // Several issuers may have signed one key.
  [[nodiscard]] static std::string copy_of(const ChainKeys& keys) {
    return keys.anchor ? keys.key.sha256 + "." + keys.anchor->sha256 : keys.key.sha256;
  }
  [[nodiscard]] std::string work(const std::string& name) const { return state_dir_ + "/work/" + name; }
  // certbot's private config dir of a promotion; beside it are its work and logs folders, which stay.
  [[nodiscard]] std::string private_config(const std::string& name) const { return work(name) + "/config"; }
  [[nodiscard]] std::string generations(const std::string& name) const { return state_dir_ + "/generations/" + name; }
  [[nodiscard]] static std::string generation_folder(unsigned number) { return fmt::format("{:04}", number); }
  [[nodiscard]] std::string generation(const std::string& name, unsigned number) const {
    return generations(name) + "/" + generation_folder(number);
  }
  [[nodiscard]] std::string live_root() const { return state_dir_ + "/live"; }
  [[nodiscard]] std::string live(const std::string& name) const { return live_root() + "/" + name; }
  [[nodiscard]] static std::string live_target(const std::string& name, unsigned number) {
    return "../generations/" + name + "/" + generation_folder(number);
  }

 private:
  std::string state_dir_;
};

}  // namespace danectl
