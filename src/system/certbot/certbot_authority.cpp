#include "system/certbot/certbot_authority.hpp"

#include "core/certbot/key_options.hpp"
#include "core/keys/key_material.hpp"
#include "system/host/system_clock.hpp"

namespace danectl {
namespace {

constexpr Seconds certbot_time_limit{30 * 60};
constexpr std::chrono::seconds wait_for_earlier_certbot{60};
// Then it has its locks; before that it cannot be seen.
constexpr Milliseconds certbot_begins_within{10'000};

// Given here, they override the conf of the lineage and any cli.ini both; certbot refuses to reuse a key that is not of
// the type it was told.
std::vector<std::string> words_for(KeyType type) {
  const auto options = key_options(type);
  if (!options) return {};
  return {"--key-type", std::string(options->type), "--" + std::string(options->size_option),
          std::string(options->size)};
}

Command certbot_command(const Config& config, const CertbotCopy& copy, const std::string& name, KeyType type) {
  Command command;
  command.argv = {config.certbot};
  const auto add = [&](const std::vector<std::string>& words) {
    command.argv.insert(command.argv.end(), words.begin(), words.end());
  };
  add(config.certbot_args);
  add({"--config-dir", copy.config_dir(), "--work-dir", copy.work_dir(), "--logs-dir", copy.logs_dir()});
  add({"renew", "--cert-name", name, "--force-renewal", "--reuse-key", "--no-random-sleep-on-renew", "-n"});
  add(words_for(type));
  // Both: a renew-hook in cli.ini makes certbot refuse a --deploy-hook alone.
  add({"--renew-hook", "true", "--deploy-hook", "true"});
  command.environment = {{"DANECTL_ACTIVE", "1"}};
  command.time_limit = certbot_time_limit;
  command.output_folder = copy.root();
  return command;
}

Error no_room(const std::string& name, const Error& error) {
  return {error.kind, "certbot was not started for the next key of " + name + ": " + error.what,
          "make room on that file system: a certificate that cannot be written counts against the CA's limits"};
}

// On a full file system certbot's sentence is cut off, or about its log.
Error issue_error(const std::string& name, const Outcome& outcome, const CertbotFailure& failure, const Status& room,
                  const std::string& logs) {
  std::string hint = "its last lines, more in " + logs + "/letsencrypt.log:" + failure.last_lines;
  if (failure.last_lines.empty()) hint = "it printed nothing; its log is " + logs + "/letsencrypt.log";
  if (outcome.timed_out || outcome.signal != 0) {
    hint = "its post hooks may not have run: see whether they stopped a server that must be started again\n  " + hint;
  }
  if (!room) hint = "make room on that file system\n  " + hint;
  return {
      failure.temporary && room ? ErrorKind::not_yet : ErrorKind::failed,
      "certbot got no certificate for the next key of " + name + ": " + (room ? failure.sentence : room.error().what),
      hint};
}

Error wrong_key(const std::string& name, const KeyId& wanted, const KeyId& got) {
  return failed("certbot made a certificate for " + name + " with another key than the next one: " +
                    got.sha256.substr(0, 16) + "... instead of " + wanted.sha256.substr(0, 16) + "...",
                "a setting in cli.ini or certbot_args defeats danectl's options: look for reuse-key, no-reuse-key, "
                "new-key and key-type there");
}

}  // namespace

Result<Chain> CertbotAuthority::issue(const IssueRequest& request, const BeforeOrder& before_order) {
  ordered_ = false;
  const auto wanted = read_private_key(request.private_key);
  if (!wanted) return wanted.error();
  auto copy = copy_for(request.lineage);
  if (!copy) return copy.error();
  auto attempt = make(*copy, request, *wanted, before_order);
  // A certbot of a danectl that was killed may have come to its locks only after we had looked for them: what it makes
  // is ours to take up.
  if (attempt && attempt->failure.locked && !attempt->made) attempt = make(*copy, request, *wanted, before_order);
  if (!attempt) return attempt.error();
  if (attempt->made) return *std::move(attempt->made);
  const Outcome& outcome = attempt->outcome;
  ordered_ = outcome.success() || attempt->failure.ordered;
  if (!outcome.success()) {
    return issue_error(request.lineage, outcome, attempt->failure, attempt->room, copy->logs_dir());
  }
  auto chain = copy->made();
  if (!chain) return chain.error();
  if (!*chain) {
    return failed("certbot ended without an error, but made no certificate for " + request.lineage,
                  "look for dry-run in cli.ini and in certbot_args");
  }
  if ((*chain)->leaf().key != *wanted) return wrong_key(request.lineage, *wanted, (*chain)->leaf().key);
  return std::move(**chain);
}

Result<std::optional<Chain>> CertbotAuthority::left_behind(const IssueRequest& request, Milliseconds begun_ago) {
  const auto wanted = read_private_key(request.private_key);
  if (!wanted) return wanted.error();
  auto copy = copy_for(request.lineage);
  if (!copy) return copy.error();
  if (begun_ago < certbot_begins_within) SystemClock().sleep(certbot_begins_within - begun_ago);
  if (auto done = copy->wait_for_earlier(wait_for_earlier_certbot); !done) return done.error();
  return copy->made_for(*wanted, SystemClock().now().wall);
}

Result<CertbotCopy> CertbotAuthority::copy_for(const std::string& lineage) {
  const auto root = config_.state_dir + "/work/" + lineage;
  if (auto done = files_.make_folder(root, 0700); !done) return done.error();
  const auto real_root = files_.real_path(root);
  if (!real_root) return real_root.error();
  const auto certbot_dir = files_.real_path(config_.certbot_dir);
  if (!certbot_dir) return certbot_dir.error();
  return CertbotCopy(files_, *certbot_dir, *real_root, lineage);
}

Result<CertbotAuthority::Attempt> CertbotAuthority::make(CertbotCopy& copy, const IssueRequest& request,
                                                         const KeyId& wanted, const BeforeOrder& before_order) {
  if (auto done = copy.wait_for_earlier(wait_for_earlier_certbot); !done) return done.error();
  if (auto before = copy.made_for(wanted, SystemClock().now().wall)) return Attempt{std::move(before), {}, {}, {}};
  if (auto done = copy.build(request.private_key); !done) return done.error();
  if (auto room = copy.check_room(); !room) return no_room(request.lineage, room.error());
  if (auto done = before_order(); !done) return done.error();
  auto outcome = processes_.run(certbot_command(config_, copy, request.lineage, wanted.type));
  if (!outcome) return outcome.error();
  Attempt attempt{std::nullopt, *std::move(outcome), {}, {}};
  if (attempt.outcome.success()) return attempt;
  // It may have failed after it had written what the CA gave.
  attempt.made = copy.made_for(wanted, SystemClock().now().wall);
  const auto log = files_.read(copy.logs_dir() + "/letsencrypt.log");
  attempt.failure = read_certbot_failure(attempt.outcome, log ? *log : std::string());
  attempt.room = copy.check_room();
  return attempt;
}

}  // namespace danectl
