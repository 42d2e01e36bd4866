// The certificate files that Postfix' smtpd loads, out of what postconf(1) prints.
#pragma once

#include "core/servers/server_file.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace danectl {

struct PostfixFiles {
  std::vector<ServerFile> files;
  // Where `tls_server_sni_maps` are written by hand: the files beside their tables, which postmap -F reads.
  struct SniTable {
    std::string type;  // "hash"
    std::string path;
  };
  std::vector<SniTable> sni_tables;
};

// `settings` is the output of `postconf -x`, "NAME = VALUE" a line; `services` that of `postconf -Px`,
// "SERVICE/TYPE/NAME = VALUE" a line. smtpd_tls_chain_files win over all other files (postconf(5)).
PostfixFiles postfix_files(std::string_view settings, std::string_view services);

// A line "NAME FILE, FILE", with '#' for comments and blanks before what continues a line.
std::vector<ServerFile> sni_files(std::string_view text, const PostfixFiles::SniTable& table);

}  // namespace danectl
