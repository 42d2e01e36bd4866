// The one place where the ports meet the real world.
#include "app/verbs/call.hpp"
#include "system/certbot/certbot_authority.hpp"
#include "system/certbot/cli_ini_files.hpp"
#include "system/dns/unbound_inspector.hpp"
#include "system/dns/unbound_mail_resolver.hpp"
#include "system/dns/unbound_mail_survey.hpp"
#include "system/dns/unbound_resolver.hpp"
#include "system/host/boost_processes.hpp"
#include "system/host/library_versions.hpp"
#include "system/host/openssl_key_maker.hpp"
#include "system/host/posix_files.hpp"
#include "system/host/posix_line_files.hpp"
#include "system/host/signal_interruption.hpp"
#include "system/host/system_clock.hpp"
#include "system/probe/asio_probe.hpp"
#include "system/web/https_policy_server.hpp"

#include <langinfo.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <clocale>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string_view>

namespace {

using namespace danectl;

std::optional<std::string> variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

Environment environment() {
  return {.standard_input = std::cin,
          .danectl_config = variable("DANECTL_CONFIG"),
          .deploy_hook = {.renewed_lineage = variable("RENEWED_LINEAGE"),
                          .started_by_danectl = variable("DANECTL_ACTIVE").has_value()},
          .is_root = geteuid() == 0};
}

// By the locale, whose files a short call need not read where it does not matter.
bool shows_unicode() {
  std::setlocale(LC_CTYPE, "");
  return std::string_view(nl_langinfo(CODESET)) == "UTF-8";
}

std::size_t columns_of_terminal(int descriptor) {
  constexpr std::size_t usual = 80;
  if (isatty(descriptor) != 1) return 0;
  winsize size{};
  return ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : usual;
}

Output output(Verbosity verbosity) {
  const bool terminal = isatty(STDOUT_FILENO) == 1;
  const bool colour = terminal && !variable("NO_COLOR");
  const bool unicode = terminal && shows_unicode();
  return {.out = std::cout,
          .err = std::cerr,
          .verbosity = verbosity,
          .terminal = terminal && !variable("NO_COLOR"),
          .colour = colour,
          .unicode = unicode,
          .error_terminal = isatty(STDERR_FILENO) == 1 && !variable("NO_COLOR"),
          .columns = columns_of_terminal(STDOUT_FILENO),
          .err_columns = columns_of_terminal(STDERR_FILENO)};
}

}  // namespace

int main(int argc, char** argv) {
  prctl(PR_SET_DUMPABLE, 0);  // no core file with a key in it; programs that are started have it on again
  // A reader that goes away is an error of that write, not the end. A handler, since an ignored signal is inherited.
  std::signal(SIGPIPE, [](int) {});
  const Invocation invocation = parse_command_line(argc, argv, version_text());
  SystemClock clock;
  PosixFiles files;
  BoostProcesses processes;
  OpensslKeyMaker keys;
  World world{clock,
              files,
              processes,
              keys,
              [&](const Config& config) { return std::make_unique<UnboundResolver>(config.dns, clock); },
              [&](const Config& config) { return std::make_unique<CertbotAuthority>(config, files, processes); },
              [](const Config& config) { return std::make_unique<AsioProbe>(config.dns); },
              [](const Config& config) { return std::make_unique<UnboundInspector>(config.dns); },
              [](const Config& config) { return std::make_unique<UnboundMailResolver>(config.dns); },
              [](const Config& config) { return std::make_unique<HttpsPolicyServer>(config.dns); },
              certbot_cli_inis(),
              DANECTL_HOOKS,
              [](const Config& config, std::optional<unsigned> rate) {
                return std::make_unique<UnboundMailSurvey>(config.dns, rate);
              },
              [](const Config& config) { return std::make_unique<AsioProbe>(config.dns, ProbeEffort::sparing); },
              [] { return std::make_unique<PosixLineFiles>(); },
              [] { return std::make_unique<SignalInterruption>(); }};
  return call(invocation, environment(), world, output(invocation.verbosity));
}
