// A mail domain in words, as a sender that checks DANE sees it.
#pragma once

#include "app/frame/output.hpp"
#include "core/check/check_domain.hpp"

#include <string>

namespace danectl {

// "DANE at every host", ...
std::string verdict_text(const DomainView& domain);

// The domain, a line for each host, and the notes.
std::string domain_text(const DomainView& domain, const Output& output);

}  // namespace danectl
