// Names with letters beyond ASCII, as people write them, and as DNS has them (RFC 5890): for messages.
#pragma once

#include <optional>
#include <string>

namespace danectl {

// Each label with letters beyond ASCII (a U-label) as its A-label, as IDNA2008 and Unicode's UTS 46 say:
// "xn--mller-kva.example" for "müller.example", upper case as lower case. Nothing: the text is no such name.
std::optional<std::string> with_a_labels(const std::string& utf8_name);

}  // namespace danectl
