// certbot's renewal/NAME.conf as a file.
#pragma once

#include "ports/files.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace danectl {

std::string certbot_conf_path(const std::string& certbot_dir, const std::string& name);

// Of all lineages that certbot has, sorted.
Result<std::vector<std::string>> names_of_confs(Files& files, const std::string& certbot_dir);

// Not there: ErrorKind::not_found, "certbot has no lineage NAME".
Result<std::string> read_conf_text(Files& files, const std::string& certbot_dir, const std::string& name);

// Mode, owner and group stay; where the conf is a link, the file it leads to is replaced. What an earlier call that was
// cut left there goes.
Status write_conf_text(Files& files, const std::string& path, std::string_view text);

}  // namespace danectl
