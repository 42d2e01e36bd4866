// Whether what the configured way to publish needs is on this host: keys, programs, folders. No server is asked.
#pragma once

#include "app/store/workshop.hpp"
#include "core/doctor/item.hpp"

namespace danectl {

// Of the sections of danectl.toml by which these owners are published; without an owner of [publish] alone.
AreaLook look_at_publishing(const Workshop& shop, const std::vector<DnsName>& owners);

}  // namespace danectl
