// `danectl status [NAME...]`: what is served, what is next, and what happens when. Never writes.
#pragma once

#include "app/store/workshop.hpp"

namespace danectl {

struct StatusOptions {
  std::vector<std::string> names;
  bool json = false;
  bool no_dns = false;
};

int status(const StatusOptions& options, const Workshop& shop);

}  // namespace danectl
