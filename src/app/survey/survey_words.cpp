#include "app/survey/survey_words.hpp"

#include <fmt/format.h>

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

std::string left_out_note(const MailDomain& domain) {
  if (domain.exchanges_left_out == 0) return {};
  return fmt::format("{} of {} hosts asked", domain.exchanges.size(),
                     domain.exchanges.size() + domain.exchanges_left_out);
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
  std::string left_out = left_out_note(domain);
  if (domain.dnssec == Dnssec::secure) return left_out;
  return left_out.empty() ? "MX not signed" : "MX not signed, " + left_out;
}

}  // namespace danectl
