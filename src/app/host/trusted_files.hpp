// Whether root may go by a configuration, which names the programs that danectl starts.
#pragma once

#include "app/frame/settings.hpp"

namespace danectl {

// An error where everybody may change a file of the configuration or put another in its place, or where one belongs to
// a user who is not root. What a group may change is left to `check` (others-may-write).
Status check_trusted(Files& files, const Settings& settings);

}  // namespace danectl
