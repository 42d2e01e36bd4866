// Which lineage's files a server on this host loads, and how to make it load those that danectl deploys. Pure.
#pragma once

#include "core/servers/server_file.hpp"

#include <span>
#include <string>
#include <vector>

namespace danectl {

struct LoadedFile {
  ServerFile file;
  enum class From {
    live,        // danectl's live/NAME
    generation,  // one generation of danectl's, which no promotion replaces
    certbot,     // certbot's folder of the lineage: a foreign key comes in there before its record does
    elsewhere,
  } from = From::elsewhere;
  std::string lineage;  // empty: elsewhere
  std::string remedy;   // how to load live/NAME instead; empty for `live` and `elsewhere`
};

// What all servers of this host load, as far as their tools tell.
struct LoadedFiles {
  struct Program {
    MailProgram program;
    std::string unread;  // why its configuration could not be read; empty: it was
  };
  std::vector<Program> programs{};  // that are installed
  std::vector<LoadedFile> files{};  // sorted by lineage
  std::string live_root{};          // danectl's folder `live`

  // Empty: those from elsewhere.
  [[nodiscard]] std::span<const LoadedFile> of(const std::string& lineage) const;
};

// The command by which a program loads its files again.
std::string reload_command(MailProgram program);

// The command that makes the program load danectl's `live` folder where it loads `file` now, or, where there is none,
// what to set where. `all` are all files of the configurations.
std::string how_to_load(const ServerFile& file, const std::vector<ServerFile>& all, const std::string& live);

}  // namespace danectl
