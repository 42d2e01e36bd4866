// Publishing by a program of the administrator: [publish] method = "hook".
#pragma once

#include "app/publish/publisher.hpp"

#include <memory>

namespace danectl {

// By one section, which stays in place as long as the publisher.
std::unique_ptr<Publisher> hook_publisher(const Workshop& shop, const PublishConfig& section);

}  // namespace danectl
