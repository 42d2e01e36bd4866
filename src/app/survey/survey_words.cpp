#include "app/survey/survey_words.hpp"

namespace danectl {

std::string faults_text(const SurveyedHost& host) {
  std::string text;
  for (const RecordFault fault : faults_of(host)) {
    if (!text.empty()) text += ' ';
    text += to_text(fault);
  }
  return text;
}

const std::string& host_note(const SurveyedHost& host) {
  return host.owner ? host.owner_why : host.why;
}

std::string domain_note(const MailDomain& domain) {
  switch (domain.kind) {
    case MailDomain::Kind::null_mx:
      return "it takes no mail (null MX)";
    case MailDomain::Kind::none:
      return "there is no such domain";
    case MailDomain::Kind::unknown:
      return domain.why;
    case MailDomain::Kind::exchanges:
    case MailDomain::Kind::implicit:
      break;
  }
  if (domain.exchanges.empty()) return "no MX record names a host";
  return domain.dnssec == Dnssec::secure ? std::string() : "MX not signed";
}

}  // namespace danectl
