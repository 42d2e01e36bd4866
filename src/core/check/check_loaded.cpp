#include "core/check/check_loaded.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace danectl {
namespace {

using From = LoadedFile::From;

const LoadedFile* first_for(const LoadedFiles& loaded, std::uint16_t port, const std::string& lineage,
                            std::initializer_list<From> from) {
  for (const LoadedFile& one : loaded.of(lineage)) {
    const bool is_from = std::find(from.begin(), from.end(), one.from) != from.end();
    if (is_from && is_for_port(one.file, port)) return &one;
  }
  return nullptr;
}

// A connection to an address of this host comes from that address, but on loopback. Behind address translation it may
// not.
bool is_elsewhere(const ProbedAddress& address) {
  if (address.address.starts_with("127.")) return false;
  return std::any_of(address.handshakes.begin(), address.handshakes.end(), [&](const Handshake& handshake) {
    return !handshake.own_address.empty() && handshake.own_address != address.address;
  });
}

std::string why(const LoadedFile& one) {
  return one.from == From::certbot
             ? fmt::format(
                   "it loads {}, certbot's folder: a key that certbot makes is served before its record is "
                   "there",
                   one.file.path)
             : fmt::format("it loads {}, which no promotion replaces", one.file.path);
}

std::string reload_with(const LineageConfig& lineage, const std::string& command) {
  return lineage.reload.empty()
             ? fmt::format("{}; put it into `reload` of {}, so that danectl run does it", command, lineage.name)
             : fmt::format("{}; danectl run retries a reload that failed", command);
}

}  // namespace

bool is_for_lineage(const ServerFile& file, const LineageConfig& lineage) {
  const bool probed = std::any_of(lineage.probe.begin(), lineage.probe.end(),
                                  [&](const ProbeUrl& url) { return is_for_port(file, url.port); });
  return probed || std::any_of(lineage.tlsa.begin(), lineage.tlsa.end(), [&](const DnsName& owner) {
           const auto parts = parse_owner(owner);
           return parts && is_for_port(file, parts->port);
         });
}

std::vector<Finding> check_loaded(const LoadedFiles& loaded, const LineageConfig& lineage) {
  std::vector<Finding> findings;
  for (const LoadedFile& one : loaded.of(lineage.name)) {
    if (one.from == From::live || !is_for_lineage(one.file, lineage)) continue;
    // Key and certificate of one chain file list are mended by one command.
    const bool known = std::any_of(findings.begin(), findings.end(),
                                   [&](const Finding& finding) { return finding.remedy == one.remedy; });
    if (known) continue;
    findings.push_back({FindingId::other_folder_loaded,
                        Severity::warning,
                        lineage.name,
                        {},
                        {},
                        {},
                        fmt::format("{} does not load what danectl deploys: {}", where_it_stands(one.file), why(one)),
                        one.remedy});
  }
  return findings;
}

std::string how_to_serve(const LoadedFiles& loaded, const LineageConfig& lineage, const ProbeUrl& url,
                         const ProbedAddress& address) {
  const std::string live = loaded.live_root + "/" + lineage.name;
  if (const auto* other = first_for(loaded, url.port, lineage.name, {From::certbot, From::generation})) {
    return other->remedy;
  }
  std::string there =
      fmt::format("{} is no address of this host: give that host key and chain of {}, and reload its server",
                  address.address, live);
  if (const auto* own = first_for(loaded, url.port, lineage.name, {From::live})) {
    const std::string command = reload_with(lineage, reload_command(own->file.program));
    return is_elsewhere(address) ? fmt::format("{}; or {}", command, there) : command;
  }
  if (is_elsewhere(address)) return there;
  if (const auto* other = first_for(loaded, url.port, {}, {From::elsewhere})) {
    std::vector<ServerFile> all;
    for (const LoadedFile& one : loaded.files) all.push_back(one.file);
    return how_to_load(other->file, all, live);
  }
  return fmt::format("point the server at {}/combined.pem, if it is not yet, and reload it", live);
}

}  // namespace danectl
