// `danectl enroll NAME...`: takes lineages on. Deploys what certbot has, since no server reads live/NAME yet (promise
// 1, exception (b)); a person names the owners (promise 3).
#pragma once

#include "app/verbs/verb.hpp"

namespace danectl {

// As on the command line; checked here.
struct EnrollOptions {
  std::vector<std::string> names;
  std::vector<std::string> tlsa;
  std::vector<std::string> probe;
  std::vector<std::string> profile;
  std::string rotation;
  std::vector<std::string> reload;
};

int enroll(const EnrollOptions& options, const Workshop& shop);

std::unique_ptr<Verb> enroll_verb();

}  // namespace danectl
