// `enroll` without a NAME, on a terminal: certbot's lineages in a list, and a person chooses.
#pragma once

#include "app/store/workshop.hpp"
#include "app/verbs/enroll_options.hpp"

#include <istream>

namespace danectl {

// Fills in `names`, and `probe` where the options have no owner: a person names it, a name of the certificate is only
// the proposal. ErrorKind::invalid where there is no terminal, nothing to choose, or nothing was chosen.
Status choose_lineage(const Workshop& shop, std::istream& answers, EnrollOptions& options);

}  // namespace danectl
