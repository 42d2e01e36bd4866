// Publishing by nsupdate(1): [publish] method = "nsupdate".
#pragma once

#include "app/publish/publisher.hpp"

#include <memory>

namespace danectl {

// By one section, which stays in place as long as the publisher.
std::unique_ptr<Publisher> nsupdate_publisher(const Workshop& shop, const PublishConfig& section);

}  // namespace danectl
