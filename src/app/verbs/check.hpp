// `danectl check [--domain DOMAIN] [NAME|URL...]`: the watchman. Will every sender that checks DANE deliver, now and
// after the next step? Never writes, but for --output.
#pragma once

#include "app/check/check_view.hpp"
#include "app/verbs/verb.hpp"

#include <string>
#include <vector>

namespace danectl {

struct CheckOptions {
  std::vector<std::string> names;    // of lineages, or URLs (those with "://")
  std::vector<std::string> domains;  // mail domains
  CheckFormat format = CheckFormat::text;
  std::string output_file;  // empty: standard output
};

// The exit code is that of monitoring plugins: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.
int check(const CheckOptions& options, const Workshop& shop);

std::unique_ptr<Verb> check_verb();

}  // namespace danectl
