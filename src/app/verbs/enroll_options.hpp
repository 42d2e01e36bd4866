// The options of `enroll`.
#pragma once

#include <string>
#include <vector>

namespace danectl {

// As on the command line; checked here.
struct EnrollOptions {
  std::vector<std::string> names;
  std::vector<std::string> tlsa;
  std::vector<std::string> probe;
  std::vector<std::string> profile;
  std::string rotation;
  std::string rollover;
  std::vector<std::string> reload;
  bool dry_run = false;
};

}  // namespace danectl
