// Where a lineage of certbot keeps its files: the four links of live/NAME and the archive folder they lead into.
#pragma once

#include "core/certbot/renewal_conf.hpp"
#include "ports/files.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace danectl {

// In the order of installing: certbot judges a version complete by its file names, and the leaf comes last.
constexpr std::array<std::string_view, 4> certbot_kinds{"privkey", "chain", "fullchain", "cert"};

// The path of a kind's link, as the conf names it.
const std::string& link_path(const RenewalConf& conf, std::string_view kind);

struct CertbotLink {
  std::string kind;
  std::string path;
  std::string folder_part;  // of the link's target as written, with its '/': "../../archive/NAME/"
  int version = 0;
};

struct CertbotLayout {
  std::string archive;             // with all links resolved
  std::vector<CertbotLink> links;  // in the order of certbot_kinds

  [[nodiscard]] std::string file(std::string_view kind, int version) const;  // archive/kindN.pem
};

// Errors (failed): a link that is none, or dangles, or names no archived file; links into another folder than the
// conf's archive_dir, whose renewals certbot itself would lose.
Result<CertbotLayout> read_certbot_layout(Files& files, const RenewalConf& conf);

// The newest version in this archive folder of which all four files are there; 0: none.
int newest_whole_version(Files& files, const std::string& archive);

// For the shell: points the four links of `live` to this version of the archive. By hand, since certbot 4 has no
// command for it any more.
std::string link_command(const std::string& archive, int version, const std::string& live);

// The version in "privkey12.pem" for the kind "privkey"; 0 when it is no such name.
int version_in(std::string_view file_name, std::string_view kind);

}  // namespace danectl
