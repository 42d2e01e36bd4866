// Single values of the configuration: text in, the value or why it is none. What they say is put after file, line and
// key.
#pragma once

#include "core/config/config.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace danectl {

// Without final slashes. The empty text is refused, but by absolute_path_or_none.
Result<std::string> absolute_path(std::string_view text);
Result<std::string> absolute_path_or_none(std::string_view text);
// What that takes, for messages; a_duration likewise.
inline constexpr const char* a_file = "the absolute path of a file, or \"\"";
// Found on PATH or absolute.
Result<std::string> program(std::string_view text);

// What danectl starts: a program found on PATH or by its absolute path (the working directory of a timer is not that of
// a person), and its arguments.
Status check_command(const std::vector<std::string>& argv);

Result<Seconds> positive_duration(std::string_view text);
inline constexpr const char* a_duration = "a number and a unit: \"90s\", \"15m\", \"2h\", \"7d\"";

// "192.0.2.53", "192.0.2.53:5353", "2001:db8::53", "[2001:db8::53]:5353", in libunbound's form "ADDRESS@PORT".
Result<std::string> dns_server(std::string_view text);
// The same, or a name with or without ":PORT", in nsupdate's form "HOST PORT"; or empty.
Result<std::string> update_server(std::string_view text);
Result<PublishMethod> publish_method(std::string_view text);

// An octal file mode of a private key: owner and group only (0600, 0640).
Result<unsigned> key_file_mode(std::string_view text);

// "90s", "15m", "2h", "7d": the largest unit that divides it.
std::string duration_text(Seconds span);

// "25" to 1 .. 65535.
Result<std::uint16_t> parse_port(std::string_view text);

}  // namespace danectl
