// Between the two halves of a look: which servers the parent of each zone delegates it to. Resolvers go by that as well
// as by what the zone itself says, so both are asked. libunbound hands out no referral: each server of the parent is
// asked plainly, and where they disagree all that they say counts.
#pragma once

#include "system/dns/reach.hpp"
#include "system/dns/zone_survey.hpp"

namespace danectl {

// Fills in the parents of the survey's zones. It takes no longer than `limit`, and half of it where one server of a
// parent is silent and another is not. REQUIRES that the batch has run.
void ask_parents(ZoneSurvey& survey, Reach& reach, Milliseconds limit);

}  // namespace danectl
