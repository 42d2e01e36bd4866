// The world as the verbs see it: ports only. main.cpp fills it with the real ones, tests with theirs.
#pragma once

#include "core/config/config.hpp"
#include "ports/certificate_authority.hpp"
#include "ports/clock.hpp"
#include "ports/dns_inspector.hpp"
#include "ports/files.hpp"
#include "ports/interruption.hpp"
#include "ports/key_maker.hpp"
#include "ports/line_files.hpp"
#include "ports/mail_resolver.hpp"
#include "ports/mail_survey.hpp"
#include "ports/policy_server.hpp"
#include "ports/processes.hpp"
#include "ports/resolver.hpp"
#include "ports/server_probe.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace danectl {

struct World {
  Clock& clock;
  Files& files;
  Processes& processes;
  KeyMaker& keys;
  std::function<std::unique_ptr<Resolver>(const Config&)> resolver;
  std::function<std::unique_ptr<CertificateAuthority>(const Config&)> authority;
  std::function<std::unique_ptr<ServerProbe>(const Config&)> probe;
  std::function<std::unique_ptr<DnsInspector>(const Config&)> inspector;
  std::function<std::unique_ptr<MailResolver>(const Config&)> mail_resolver{};
  std::function<std::unique_ptr<PolicyServer>(const Config&)> policy_server{};
  std::vector<std::string> certbot_cli_inis{};  // the files that certbot reads its options from; a later one wins
  std::string hooks_folder{};                   // where the hooks that come with danectl are installed
  // Of `survey`. `rate`: questions a second; nothing: without a limit.
  std::function<std::unique_ptr<MailSurvey>(const Config&, std::optional<unsigned> rate)> mail_survey{};
  std::function<std::unique_ptr<ServerProbe>(const Config&)> sparing_probe{};
  std::function<std::unique_ptr<LineFiles>()> line_files{};
  std::function<std::unique_ptr<Interruption>()> interruption{};
};

}  // namespace danectl
