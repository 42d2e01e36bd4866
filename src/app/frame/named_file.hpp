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

// Whole and by one rename, with mode 0644; where it leads somewhere else by a link, what is there. Only a regular file
// is replaced: a rename must put none in the place of a device. `option` names it, for the message.
Status write_named_file(Files& files, const std::string& option, const std::string& path, const std::string& text);

}  // namespace danectl
