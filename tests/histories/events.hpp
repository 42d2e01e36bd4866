// What happens in a random history: certbot renews as it likes, people change the configuration and their minds, name
// servers and clocks do as they do, and power fails at any change of a file.
#pragma once

#include "fakes/random_world.hpp"

#include <functional>

namespace danectl {

class Events : protected RandomWorld {
 public:
  Events(unsigned seed, const Kinds& kinds) : RandomWorld(seed, kinds) {}

  void live(int seconds);

 protected:
  using Verb = std::function<int()>;

  void call(Machine& machine, const std::string& what, const Verb& verb);
  // The same, but that it may be cut; never in the calm.
  void under_danger(Machine& machine, const std::string& what, const Verb& verb);
  void certbot_renews(Host& host, const std::vector<std::string>& names);
  // Whether one danectl knows all servers on the owner.
  [[nodiscard]] bool alone() const;

  bool calm_ = false;

 private:
  void happens_to(Host& host);
  void a_person_acts(Host& host);
  void publishes_as_shown(Host& host);
  void runs_as_shown(Machine& machine);
  void lose_reuse_key(Host& host);
  bool keeps_mail_coming(const RRset& records);
  void happens_to_dns();
  Machine& any_machine();
  void back_up(Machine& machine);
  void restore_backup(Machine& machine);
  void release_one();
  [[nodiscard]] bool has_keys_256_alone() const;
  void happens_to_clocks();
  void change_configuration();
  void change_profile(Machine& machine);
  void run_on(Machine& machine);
  void has_run(Machine& machine);
};

}  // namespace danectl
