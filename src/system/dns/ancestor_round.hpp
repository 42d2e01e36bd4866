// Before the parents of zones are asked whom they delegate to: which servers the parents have. As with any zone these
// are those that it names itself and those that its own parent delegates it to, and so on from the root down: a server
// that only the grandparent names may give resolvers another delegation.
#pragma once

#include "system/dns/reach.hpp"
#include "system/dns/zone_survey.hpp"

namespace danectl {

// Adds servers to the survey's parents; what no server of a grandparent says adds none. It takes no longer than
// `limit`, and no time of note where all answer. REQUIRES that the batch has run, and after it the batch runs again.
void ask_ancestors(ZoneSurvey& survey, Reach& reach, Milliseconds limit);

}  // namespace danectl
