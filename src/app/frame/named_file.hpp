// A file that a person named on the command line: it may be a pipe or a device, too.
#pragma once

#include "ports/files.hpp"

#include <istream>
#include <string>

namespace danectl {

// "-" is `standard_input`, of which no more is read than a file of keys or certificates can have. Error::what names
// the file.
Result<std::string> read_named(const std::string& file, Files& files, std::istream& standard_input);

Result<std::string> read_named(const std::string& file, Files& files);  // "-" is a file of that name

}  // namespace danectl
