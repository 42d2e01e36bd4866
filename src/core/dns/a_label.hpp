// Names with letters beyond ASCII, as people write them, and as DNS has them (RFC 5890): for messages.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace danectl {

// Each label with letters beyond ASCII (a U-label) as its A-label, by Punycode (RFC 3492): "xn--mller-kva.example" for
// "müller.example", upper case as lower case. Nothing: the text is not UTF-8, or only a table of Unicode could tell, as
// where accents stand by themselves.
std::optional<std::string> with_a_labels(std::string_view utf8_name);

}  // namespace danectl
