// What a person can do about a lineage of certbot's that cannot be read: the ways in which files of /etc/letsencrypt
// are known to get lost, each with the commands that put them right and keep the key.
#pragma once

#include "core/base/result.hpp"
#include "ports/files.hpp"

#include <string>

namespace danectl {

struct DamagedLineage {
  const std::string& certbot_dir;
  const std::string& name;
  std::string live;  // where danectl has the deployed key and chain; empty: nowhere
};

// `error` of read_certbot_lineage() with a way out: the archive is gone, live/NAME holds files in place of links, or
// the conf has paths that another host or a container knows. Any other error as it is.
Error with_way_out(Files& files, const DamagedLineage& lineage, Error error);

}  // namespace danectl
