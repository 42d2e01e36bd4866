#pragma once

#include <string>

namespace danectl {

// "SERVFAIL", "REFUSED", ...; "rcode 23" for what has no common name.
std::string rcode_text(int rcode);

}  // namespace danectl
