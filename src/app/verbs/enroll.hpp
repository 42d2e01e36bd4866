// `danectl enroll NAME...`: takes lineages on. Deploys what certbot has, since no server reads live/NAME yet (promise
// 1, exception (b)); a person names the owners (promise 3).
#pragma once

#include "app/verbs/enroll_options.hpp"
#include "app/verbs/verb.hpp"

namespace danectl {

int enroll(const EnrollOptions& options, const Workshop& shop);

std::unique_ptr<Verb> enroll_verb();

}  // namespace danectl
