// Publishing by a file that the zone includes: [publish] method = "include".
#pragma once

#include "app/publish/publisher.hpp"

#include <memory>

namespace danectl {

// By one section, which stays in place as long as the publisher.
std::unique_ptr<Publisher> include_publisher(const Workshop& shop, const PublishConfig& section);

}  // namespace danectl
