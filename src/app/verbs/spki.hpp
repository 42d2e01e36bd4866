// `danectl spki FILE...`: the SPKI digests of keys, requests and certificates.
#pragma once

#include "app/verbs/verb.hpp"
#include "ports/files.hpp"

#include <istream>
#include <string>
#include <vector>

namespace danectl {

struct SpkiOptions {
  std::vector<std::string> files;  // "-": standard input
  bool sha512 = false;
  bool json = false;
};

// What one file lacks keeps no other from being done. Exit code: 0, or 1 when any file failed.
int spki(const SpkiOptions& options, Files& files, std::istream& standard_input, const Output& output);

std::unique_ptr<Verb> spki_verb();

}  // namespace danectl
