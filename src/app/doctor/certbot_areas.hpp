// What `doctor` sees of certbot: its program, its deploy hook, its cli.ini.
#pragma once

#include "app/store/workshop.hpp"
#include "core/doctor/item.hpp"

#include <string>
#include <vector>

namespace danectl {

AreaLook look_at_certbot(const Workshop& shop);

// `names`: lineages of certbot's. What is missing is only found here where they are not enrolled: else `check` tells.
AreaLook look_at_certbot_hook(const Workshop& shop, const std::vector<std::string>& names);

// The command that makes certbot keep keys by its cli.ini.
std::string how_to_reuse_keys(const Workshop& shop);

// Whether a call of certbot's that says nothing of the key keeps it.
AreaLook look_at_certbot_settings(const Workshop& shop);

}  // namespace danectl
