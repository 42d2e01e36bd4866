// `danectl status [NAME...]`: what is served, what is next, and what happens when. Never writes.
#pragma once

#include "app/verbs/verb.hpp"

namespace danectl {

struct StatusOptions {
  std::vector<std::string> names;
  bool json = false;
  bool no_dns = false;
  bool timeline = false;
  std::string svg_file;  // empty: no picture is drawn
};

int status(const StatusOptions& options, const Workshop& shop);

std::unique_ptr<Verb> status_verb();

}  // namespace danectl
