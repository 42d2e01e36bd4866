#include "app/verbs/options.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <optional>

namespace danectl {
namespace {

constexpr const char* description =
    "DANE for mail servers beside certbot: keep the key, publish the next one, switch only when every\n"
    "authoritative name server has had its record for long enough.";

constexpr const char* footer =
    "\nExit codes: 0 done, 1 failed, 2 wrong usage or configuration, 75 not yet (try later);\n"
    "of check: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.\n"
    "Manual: danectl(1), danectl.toml(5), danectl-check(7).";

// What CLI11 writes into, before it becomes an Invocation.
struct Words {
  std::string config;
  bool verbose = false;
  bool quiet = false;
  SpkiOptions spki;
  EnrollOptions enroll;
  StageOptions stage;
  std::string stage_key;
  RecordsOptions records;
  IssuersOptions issuers;
  std::string records_format = "zone";
  std::string records_only;
  std::vector<std::string> records_owners;
  PromoteOptions promote;
  bool no_hold = false;
  StatusOptions status;
  PublishOptions publish;
  RetireOptions retire;
  std::string retire_foreign;
  RollbackOptions rollback;
  DiscardOptions discard;
  ReleaseOptions release;
  RunOptions run;
  CheckOptions check;
  std::string check_format;
  bool check_json = false;
  VerifyOptions verify;
  std::vector<std::string> verify_tlsa;
  std::optional<std::string> verify_owner;
};

// One value each time an option is given: CLI11 would otherwise take the words after it, and split "[a,b]" in two.
CLI::Option* repeatable(CLI::App* verb, const std::string& name, std::vector<std::string>& into,
                        const std::string& text) {
  return verb->add_option(name, into, text)
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

CLI::Option* names(CLI::App* verb, std::vector<std::string>& into) {
  return verb->add_option("NAME", into, "certbot's name of the lineage; none: all that are enrolled");
}

void add_dry_run(CLI::App* verb, bool& into) {
  verb->add_flag("--dry-run", into, "only say what would be done");
}

CLI::Option* one_name(CLI::App* verb, std::string& into) {
  return verb->add_option("NAME", into, "certbot's name of the lineage")->required();
}

void add_spki(CLI::App& app, Words& words) {
  CLI::App* verb = app.add_subcommand("spki", "the SPKI digests of private keys, public keys, CSRs or certificates");
  verb->add_option("FILE", words.spki.files, "PEM or DER; of a chain the first certificate; - is standard input")
      ->required();
  verb->add_flag("--sha512", words.spki.sha512, "print SHA-512 instead of SHA-256");
  verb->add_flag("--json", words.spki.json, "print one JSON document with both digests");
}

void add_enroll(CLI::App& app, Words& words) {
  CLI::App* verb = app.add_subcommand("enroll", "take a certbot lineage on");
  verb->add_option("NAME", words.enroll.names, "certbot's name of the lineage")->required();
  repeatable(verb, "--tlsa", words.enroll.tlsa, "owner of the TLSA records, _25._tcp.mx.example.com (repeat)");
  repeatable(verb, "--probe", words.enroll.probe,
             "where the service listens, smtp://mx.example.com:25; gives the owner (repeat)");
  repeatable(verb, "--profile", words.enroll.profile,
             "kind of TLSA record, \"3 1 1\" (the default) or \"3 1 2\" (repeat)");
  verb->add_option("--rotation", words.enroll.rotation, "next: danectl stages the keys");
  repeatable(verb, "--reload", words.enroll.reload, "command that makes the server load the new key (repeat)");
}

void add_stage(CLI::App& app, Words& words) {
  CLI::App* verb = app.add_subcommand("stage", "make the next key where there is none; print the records to publish");
  names(verb, words.stage.names);
  verb->add_option("--key", words.stage_key, "same, rsa-2048, rsa-3072, rsa-4096, ecdsa-p256 or ecdsa-p384");
  verb->add_flag("--issue", words.stage.issue, "get its certificate now, so that a later promote needs no CA");
  add_dry_run(verb, words.stage.dry_run);
}

void add_records(CLI::App& app, Words& words) {
  CLI::App* verb = app.add_subcommand("records", "the TLSA records that should be published");
  names(verb, words.records.names);
  verb->add_option("--format", words.records_format, "zone, nsupdate, rfc3597 or json");
  verb->add_option("--only", words.records_only, "current, next, candidate or retiring");
  repeatable(verb, "--owner", words.records_owners,
             "the whole RRset at this name, of all lineages that lead to it; in place of NAME (repeat)");
  names(app.add_subcommand("issuers", "the CAs of the chains, and whether the records that name them are published"),
        words.issuers.names);
}

void add_promote(CLI::App& app, Words& words) {
  CLI::App* verb =
      app.add_subcommand("promote", "make the next key the current one, once its records may be relied on");
  names(verb, words.promote.names);
  verb->add_flag("--no-hold", words.no_hold, "do not wait for caches; the records must be visible all the same");
  verb->add_flag("--wait", words.promote.wait, "stay until the records are ready");
  add_dry_run(verb, words.promote.dry_run);
}

void add_dns_verbs(CLI::App& app, Words& words) {
  CLI::App* publish = app.add_subcommand("publish", "bring DNS to the wanted records by the configured method");
  names(publish, words.publish.names);
  add_dry_run(publish, words.publish.dry_run);
  CLI::App* retire = app.add_subcommand("retire", "delete the retiring records that nobody needs any more");
  names(retire, words.retire.names);
  retire->add_flag("--now", words.retire.now, "do not wait for retire_after (a stolen key)");
  retire->add_option("--foreign", words.retire_foreign,
                     "delete this record, \"3 1 1 HEX\", which danectl does not know");
  add_dry_run(retire, words.retire.dry_run);
}

void add_undoing_verbs(CLI::App& app, Words& words) {
  CLI::App* rollback = app.add_subcommand("rollback", "go back to the key before, if its records are still ready");
  one_name(rollback, words.rollback.name);
  add_dry_run(rollback, words.rollback.dry_run);
  CLI::App* discard = app.add_subcommand("discard", "drop the next key; its published record becomes retiring");
  one_name(discard, words.discard.name);
  add_dry_run(discard, words.discard.dry_run);
  CLI::App* release = app.add_subcommand("release", "forget a lineage; DNS, certbot and live/NAME stay as they are");
  one_name(release, words.release.name);
  add_dry_run(release, words.release.dry_run);
}

void add_run(CLI::App& app, Words& words) {
  CLI::App* verb = app.add_subcommand("run", "the timer's verb: every step that is due, for every lineage");
  add_dry_run(verb, words.run.dry_run);
}

void add_status(CLI::App& app, Words& words) {
  CLI::App* verb = app.add_subcommand("status", "what is served, what is next, and what happens when");
  names(verb, words.status.names);
  verb->add_flag("--json", words.status.json, "print one JSON document");
  verb->add_flag("--no-dns", words.status.no_dns, "do not ask DNS");
}

void add_check(CLI::App& app, Words& words) {
  CLI::App* verb =
      app.add_subcommand("check", "will every sender that checks DANE deliver, now and after the next step?");
  verb->add_option("NAME|URL", words.check.names,
                   "certbot's name of a lineage, or any server, smtp://mx.example.com:25; none: all that are enrolled");
  verb->add_option("--format", words.check_format, "text, json, nagios or prometheus");
  verb->add_flag("--json", words.check_json, "print one JSON document, as --format json does");
  verb->add_option("--output", words.check.output_file, "write to this file, whole and by one rename");
}

void add_verify(CLI::App& app, Words& words) {
  CLI::App* verb = app.add_subcommand("verify", "does this chain pass DANE? needs no configuration");
  verb->add_option("CHAIN", words.verify.chain,
                   "PEM, the end entity first, or one certificate in DER; - is standard input")
      ->required();
  repeatable(verb, "--tlsa", words.verify_tlsa, "a TLSA record, \"3 1 1 HEX\" (repeat)");
  verb->add_option("--owner", words.verify_owner, "take the records from DNS, of _25._tcp.mx.example.com");
  repeatable(verb, "--name", words.verify.names,
             "a name the certificate may be for, besides that of the owner; for other usages than 3 (repeat)");
  verb->add_flag("--pkix", words.verify.pkix, "usages 0 and 1 count, too, with a path to a CA");
  verb->add_option("--ca-file", words.verify.ca_file, "the CAs of --pkix, in PEM (default: those of the system)");
  verb->add_flag("--json", words.verify.json, "print one JSON document");
}

// CLI11 begins with a capital and may end with a full stop.
std::string in_our_words(std::string text) {
  while (!text.empty() && (text.back() == '.' || text.back() == '\n' || text.back() == ' ')) text.pop_back();
  const bool a_word = text.size() > 1 && (text[1] == ' ' || std::islower(static_cast<unsigned char>(text[1])) != 0);
  if (a_word) text.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(text.front())));
  return text == "a subcommand is required" ? "a verb is required" : text;
}

Status finish_stage(Words& words) {
  if (words.stage_key.empty()) return {};
  if (words.stage_key == "same") {
    words.stage.choice = KeyChoice::same_as_current;
    return {};
  }
  const auto type = parse_key_type(words.stage_key);
  if (!type) return usage_error("--key: " + type.error().what, type.error().hint);
  words.stage.choice = KeyChoice::named;
  words.stage.key = *type;
  return {};
}

Status finish_records(Words& words) {
  const auto format = parse_record_format(words.records_format);
  if (!format) return usage_error("--format: " + format.error().what, format.error().hint);
  words.records.format = *format;
  for (const std::string& text : words.records_owners) {
    auto owner = DnsName::parse(text);
    if (!owner) return usage_error("--owner: " + owner.error().what, "a name in DNS: tlsa._dane.example.net");
    words.records.owners.push_back(*std::move(owner));
  }
  if (!words.records.owners.empty() && !words.records.names.empty()) {
    return usage_error("--owner and NAME exclude each other", "--owner takes all lineages that lead to the name");
  }
  if (words.records_only.empty()) return {};
  const auto role = parse_record_role(words.records_only);
  if (!role) return usage_error("--only: " + role.error().what, role.error().hint);
  words.records.only = *role;
  return {};
}

Status finish_retire(Words& words) {
  if (words.retire_foreign.empty()) return {};
  auto association = Association::parse(words.retire_foreign);
  if (!association) return usage_error("--foreign: " + association.error().what, association.error().hint);
  words.retire.foreign = std::move(association).value();
  return {};
}

Status finish_check(Words& words) {
  if (words.check_json && !words.check_format.empty() && words.check_format != "json") {
    return usage_error("--json and --format " + words.check_format + " exclude each other");
  }
  if (words.check_json) words.check_format = "json";
  if (words.check_format.empty()) return {};
  const auto format = parse_check_format(words.check_format);
  if (!format) return usage_error("--format: " + format.error().what, format.error().hint);
  words.check.format = *format;
  return {};
}

Status finish_verify(Words& words) {
  for (const std::string& text : words.verify_tlsa) {
    auto record = Association::parse(text);
    if (!record) return usage_error("--tlsa: " + record.error().what, record.error().hint);
    words.verify.tlsa.push_back(*std::move(record));
  }
  for (const std::string& text : words.verify.names) {
    if (const auto name = DnsName::parse(text); !name) return usage_error("--name: " + name.error().what);
  }
  if (words.verify_owner) {
    auto owner = DnsName::parse(*words.verify_owner);
    if (!owner) return usage_error("--owner: " + owner.error().what, owner.error().hint);
    const auto parts = parse_owner(*owner);
    if (!parts) return usage_error("--owner: " + parts.error().what, parts.error().hint);
    words.verify.owner = *std::move(owner);
  }
  return check_options(words.verify);
}

Result<Invocation> finish(const CLI::App& app, Words words) {
  Invocation invocation;
  invocation.config = words.config;
  if (words.verbose && words.quiet) return usage_error("-v and -q exclude each other");
  if (words.verbose) invocation.verbosity = Verbosity::verbose;
  if (words.quiet) invocation.verbosity = Verbosity::quiet;
  const std::string verb = app.get_subcommands().front()->get_name();
  if (auto done = finish_stage(words); !done) return done.error();
  if (auto done = finish_records(words); !done) return done.error();
  if (auto done = finish_retire(words); !done) return done.error();
  if (auto done = finish_check(words); !done) return done.error();
  if (verb == "verify") {
    if (auto done = finish_verify(words); !done) return done.error();
    invocation.verb = words.verify;
  }
  if (words.no_hold) words.promote.caches = Caches::left_out_by_a_person;
  if (verb == "spki") invocation.verb = words.spki;
  if (verb == "enroll") invocation.verb = words.enroll;
  if (verb == "stage") invocation.verb = words.stage;
  if (verb == "records") invocation.verb = words.records;
  if (verb == "issuers") invocation.verb = words.issuers;
  if (verb == "promote") invocation.verb = words.promote;
  if (verb == "status") invocation.verb = words.status;
  if (verb == "publish") invocation.verb = words.publish;
  if (verb == "retire") invocation.verb = words.retire;
  if (verb == "rollback") invocation.verb = words.rollback;
  if (verb == "discard") invocation.verb = words.discard;
  if (verb == "release") invocation.verb = words.release;
  if (verb == "run") invocation.verb = words.run;
  if (verb == "check") invocation.verb = words.check;
  if (verb == "deploy-hook") invocation.verb = DeployHookOptions{};
  return invocation;
}

// CLI11 only says that there is none.
std::optional<std::string> unknown_verb(const CLI::App& app) {
  const std::vector<std::string> rest = app.remaining();
  const auto word =
      std::find_if(rest.begin(), rest.end(), [](const std::string& text) { return !text.starts_with('-'); });
  if (!app.get_subcommands().empty() || word == rest.end()) return std::nullopt;
  return "unknown verb \"" + *word + "\"";
}

// Whoever watches `check` knows the exit codes of monitoring plugins alone.
Result<Invocation> refused(const CLI::App& app, Error error) {
  const auto verbs = app.get_subcommands();
  if (verbs.empty() || verbs.front()->get_name() != "check") return error;
  // As it was written: CLI11 has not handed it over when it finds a fault.
  const auto formats = verbs.front()->get_option("--format")->results();
  const auto format = formats.empty() ? CheckFormat::text : parse_check_format(formats.back());
  return Invocation{{}, Verbosity::normal, CheckMisuse{std::move(error), format ? *format : CheckFormat::text}};
}

}  // namespace

Result<Invocation> parse_command_line(int argc, const char* const* argv, const std::string& version) {
  Words words;
  CLI::App app{description, "danectl"};
  app.fallthrough();  // before the verbs, which inherit it: global options may stand after the verb
  app.require_subcommand(1);
  app.get_formatter()->label("SUBCOMMAND", "VERB");
  app.get_formatter()->label("Subcommands", "Verbs");
  app.get_formatter()->label("TEXT", "VALUE");
  app.footer(footer);
  app.set_help_flag("-h,--help", "print this help");
  app.set_version_flag("--version", version, "print the versions of danectl and its libraries");
  app.add_option("--config", words.config,
                 "configuration file (default: $DANECTL_CONFIG, else /etc/danectl/danectl.toml)");
  app.add_flag("-v,--verbose", words.verbose, "say more");
  app.add_flag("-q,--quiet", words.quiet, "say only what went wrong");
  add_spki(app, words);
  add_enroll(app, words);
  add_stage(app, words);
  add_records(app, words);
  add_dns_verbs(app, words);
  add_promote(app, words);
  add_undoing_verbs(app, words);
  add_run(app, words);
  add_status(app, words);
  add_check(app, words);
  add_verify(app, words);
  app.add_subcommand("deploy-hook", "certbot's verb: take over a renewed certificate (reads RENEWED_LINEAGE)");
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForVersion&) {
    return Invocation{{}, Verbosity::normal, Information{version + "\n"}};
  } catch (const CLI::CallForHelp&) {
    const auto chosen = app.get_subcommands();
    return Invocation{
        {}, Verbosity::normal, Information{chosen.empty() ? app.help() : chosen.front()->help("danectl")}};
  } catch (const CLI::ParseError& e) {
    const std::string what = unknown_verb(app).value_or(in_our_words(e.what()));
    return refused(app, usage_error(what, "danectl --help"));
  }
  auto invocation = finish(app, std::move(words));
  if (!invocation) return refused(app, invocation.error());
  return invocation;
}

}  // namespace danectl
