// The second half of a look: every address of every server of the zones, each by a context of its own that asks this
// address alone for the zones it serves and validates what it says.
#pragma once

#include "core/config/config.hpp"
#include "core/dns/look.hpp"
#include "system/dns/reach.hpp"
#include "system/dns/unbound_batch.hpp"
#include "system/dns/zone_survey.hpp"

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace danectl {

class ServerRound {
 public:
  ServerRound(UnboundBatch& batch, const DnsConfig& config, ZoneSurvey& survey, Reach& reach)
      : batch_(batch), config_(config), survey_(survey), reach_(reach) {}

  // Asks; the answers come while the batch runs. Servers that only the servers themselves name are added to the zones
  // of the survey and asked, too: the resolver's NS RRset may be an old one from its cache. So are those that only the
  // parent names, by their glue at once and by their other addresses when these are known.
  void begin();
  // After the batch has run: asks those that failed or kept silent once more, plainly, for the sake of the message.
  void explain_failures(Milliseconds limit);

  // What this address says of a name, as a server of the zone, whose name the caller knows. Never left_out. REQUIRES
  // that the batch has run.
  [[nodiscard]] ServerAnswer answer(const DnsName& zone, const std::string& address, const DnsName& name) const;

 private:
  struct Session {
    std::string address;
    std::set<DnsName> zones;
    // Names whose alias may have come from elsewhere, see note_return().
    std::set<DnsName> not_its_own;
  };
  struct Taken {
    ServerAnswer answer;
    const Session* session = nullptr;
    Reply::Kind reply = Reply::Kind::not_asked;
  };
  using Key = std::tuple<std::string, DnsName, DnsName>;  // address, zone, name

  void start(const std::string& address, const std::set<DnsName>& zones);
  void want(const DnsName& zone, const DnsName& server);
  void start_new(const DnsName& zone, const DnsName& server);
  void take_servers(const DnsName& zone, const Reply& reply);
  [[nodiscard]] bool are_secure(const TlsaMessage& message) const;
  void take_answer(Session& session, const DnsName& zone, const DnsName& name, const Reply& reply);
  static void note_return(Session& session, const TlsaMessage& message);

  UnboundBatch& batch_;
  const DnsConfig& config_;
  ZoneSurvey& survey_;
  Reach& reach_;
  std::vector<std::unique_ptr<Session>> sessions_;
  std::set<std::pair<std::string, DnsName>> started_;
  std::map<Key, Taken> answers_;
};

}  // namespace danectl
