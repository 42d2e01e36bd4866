// Text that others wrote: servers, the CA, certbot, files. It must not break a line, a document or a terminal.
#pragma once

#include <string>
#include <string_view>

namespace danectl {

// Control characters, those that turn the direction of a line or that nobody sees, and what is not UTF-8 (RFC 3629)
// become '?', a tab one blank. Line ends stay.
std::string printable(std::string_view text);

// The same on one line: a row of blanks and line ends becomes one blank.
std::string one_line(std::string_view text);

}  // namespace danectl
