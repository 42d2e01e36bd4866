// What the formats of a survey share.
#pragma once

#include "core/survey/survey_line.hpp"

#include <string>

namespace danectl {

// "stale mixed"; empty: none.
std::string faults_text(const SurveyedHost& host);

// Why the domain's way is as it is, where that is not said by its hosts; empty: it is.
std::string domain_note(const MailDomain& domain);

// "32 of 500 hosts asked"; empty: all were.
std::string left_out_note(const MailDomain& domain);

// Why the host's way is as it is: of its addresses, or of its records; empty: all is secure.
const std::string& host_note(const SurveyedHost& host);

}  // namespace danectl
