// Installing a generation as the next version of certbot's lineage, in its real place (danectl(1), PROMOTION).
#pragma once

#include "app/certbot/certbot_lineage.hpp"

#include <string>

namespace danectl {

// Puts `material` in as the next version and moves the links. Leaves of an earlier, cut install are cleared or
// completed first, so calling it again after a power failure at any step is right. Already what certbot has: nothing is
// done. REQUIRES: certbot's lock is held.
Status install_as_next_version(Files& files, const std::string& certbot_dir, const std::string& name,
                               const KeyAndChain& material);

}  // namespace danectl
