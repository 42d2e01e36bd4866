#include "system/dns/ancestor_round.hpp"

#include "system/dns/plain_question.hpp"

#include <map>

#include <arpa/nameser.h>

namespace danectl {
namespace {

// The zones that some zone is delegated from, by the number of their labels: each is asked about when all above it are
// known. Without the root, which nobody delegates.
std::map<std::size_t, std::vector<DnsName>> levels_of(const ZoneSurvey& survey) {
  std::map<std::size_t, std::vector<DnsName>> levels;
  for (const auto& [zone, view] : survey.parents()) {
    if (view.parent) levels[zone.labels()].push_back(zone);
  }
  return levels;
}

std::vector<PlainQuestion> questions_about(const ZoneSurvey& survey, Reach& reach, const std::vector<DnsName>& zones) {
  std::vector<PlainQuestion> questions;
  for (const DnsName& zone : zones) {
    const DnsName& above = *survey.parents().at(zone).parent;
    std::set<std::string> addresses;
    for (const DnsName& server : survey.parents().at(above).servers) {
      if (reach.is_ignored(server, "")) continue;
      for (const std::string& address : survey.addresses_of_parent(above, server)) {
        if (!reach.is_ignored(server, address) && reach.is_routable(address)) addresses.insert(address);
      }
    }
    for (const std::string& address : addresses) questions.push_back({address, zone, ns_t_ns});
  }
  return questions;
}

}  // namespace

void ask_ancestors(ZoneSurvey& survey, Reach& reach, Milliseconds limit) {
  const auto levels = levels_of(survey);
  for (const auto& [labels, zones] : levels) {
    std::vector<PlainQuestion> questions = questions_about(survey, reach, zones);
    // Twice, as a datagram may get lost.
    const Milliseconds share = limit / (2 * static_cast<Milliseconds::rep>(levels.size()));
    ask_plainly(questions, share);
    ask_plainly(questions, share);
    for (const PlainQuestion& question : questions) {
      if (!question.answer || question.answer->truncated) continue;
      const DnsName& above = *survey.parents().at(question.name).parent;
      const auto named = read_delegation(question.answer->packet, question.name, above);
      if (!named) continue;
      for (const NamedServer& server : *named) survey.add_parent_server(question.name, server);
    }
  }
}

}  // namespace danectl
