// A random history: turmoil, then a calm in which all must come to its end.
#pragma once

#include "histories/events.hpp"

namespace danectl {

class History : public Events {
 public:
  using Events::Events;

  // From here on everybody does as the manual says.
  void calm_down();

 private:
  void calm(const std::string& what, const std::function<bool()>& condition);
  void renew_for_all_names();
  bool certbot_has_all_names(Host& host);
  void delete_foreign_records();
  RRset foreign_to(const Machine& machine);
  RRset wanted(const Host& host);
  bool is_tidy();

  int calm_seconds_ = 0;
};

}  // namespace danectl
