// `danectl verify CHAIN.pem`: does this chain pass DANE? Needs no configuration.
#pragma once

#include "app/verbs/verb.hpp"

#include <istream>
#include <optional>
#include <string>
#include <vector>

namespace danectl {

struct VerifyOptions {
  std::string chain;               // a file, or "-"
  std::vector<Association> tlsa;   // --tlsa
  std::optional<DnsName> owner;    // --owner. One of both is needed, not both
  std::vector<std::string> names;  // --name
  bool pkix = false;               // --pkix: usages 0 and 1 are usable; names and dates count for them
  std::string ca_file;             // --ca-file: the trust anchors of PKIX; empty: the system's
  bool json = false;
};

// What must hold before anything is read: one of --tlsa and --owner, --ca-file with --pkix alone.
Status check_options(const VerifyOptions& options);

// The exit code: 0 matches, 1 does not, 2 unusable input, 75 look-up failed. With --tlsa nothing of the settings is
// used, so that they need not be read. REQUIRES check_options.
int verify(const VerifyOptions& options, const Workshop& shop, std::istream& standard_input);

std::unique_ptr<Verb> verify_verb();

}  // namespace danectl
