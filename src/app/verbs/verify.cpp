#include "app/verbs/verify.hpp"

#include "app/frame/named_file.hpp"
#include "app/verify/verification.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <set>

namespace danectl {
namespace {

Error in_file(std::string_view file, const Error& error) {
  return invalid(fmt::format("{}: {}", file, error.what), error.hint);
}

Result<Chain> chain_of(const std::string& file, Files& files, std::istream& standard_input) {
  const auto bytes = read_named(file, files, standard_input);
  if (!bytes) return invalid(bytes.error().what, bytes.error().hint);
  auto chain = read_chain(*bytes);
  if (!chain) return in_file(file, chain.error());
  return chain;
}

// One that is garbled or may not be read is a CA that is not trusted, as for any program that uses these places.
void add_if_good(TrustStore& store, Files& files, const std::string& path) {
  const auto info = files.info_followed(path);
  if (!info || !*info || (*info)->kind != FileInfo::Kind::regular) return;
  if (const auto text = files.read(path)) static_cast<void>(store.add(*text).ok());
}

Result<TrustStore> trusted_by_the_system(Files& files) {
  TrustStore store;
  const TrustPlaces places = default_trust_places();
  add_if_good(store, files, places.file);
  if (const auto names = files.list(places.folder)) {
    for (const std::string& name : *names) {
      if (is_hashed_name(name)) add_if_good(store, files, places.folder + "/" + name);
    }
  }
  if (!store.empty()) return store;
  return invalid(fmt::format("--pkix: there are no CA certificates in {}", places.folder),
                 "name a file with --ca-file, or install the package ca-certificates");
}

Result<TrustStore> trusted_by(const std::string& file, Files& files) {
  const auto text = read_named(file, files);
  if (!text) return invalid("--ca-file: " + text.error().what, text.error().hint);
  TrustStore store;
  if (auto added = store.add(*text); !added) return in_file("--ca-file: " + file, added.error());
  if (!store.empty()) return store;
  return invalid(fmt::format("--ca-file: {}: it holds no certificate in PEM", file));
}

Result<std::optional<TrustStore>> pkix_of(const VerifyOptions& options, Files& files) {
  if (!options.pkix) return std::optional<TrustStore>{};
  auto store = options.ca_file.empty() ? trusted_by_the_system(files) : trusted_by(options.ca_file, files);
  if (!store) return store.error();
  return std::optional<TrustStore>(*std::move(store));
}

Result<Verification> verification_of(const VerifyOptions& options, const Workshop& shop, std::istream& standard_input) {
  auto chain = chain_of(options.chain, shop.files(), standard_input);
  if (!chain) return chain.error();
  auto pkix = pkix_of(options, shop.files());
  if (!pkix) return pkix.error();
  std::vector<std::string> names = options.names;
  // RFC 7672 section 3.2.2: the name before any alias of the owner.
  if (options.owner) names.push_back(parse_owner(*options.owner)->host.text());
  return Verification(*std::move(chain), std::move(names), shop.world.clock.now().wall, *std::move(pkix));
}

// Servers that could not be asked may have anything.
void warn_of_unknown(const OwnerLook& look, const Output& output) {
  std::set<std::string> said;
  bool any_answer = false;
  for (const ServerAnswer& answer : look.answers) {
    any_answer = any_answer || is_validated(answer);
    if (answer.kind != ServerAnswer::Kind::unknown) continue;
    const std::string what = fmt::format("{}: {}", server_text(answer), answer.why);
    if (said.insert(what).second) output.warn(what, "what records it has is not known");
  }
  if (!any_answer) output.warn("no authoritative server could be asked", "this is only what the resolver has");
}

// DNS does not let anybody authenticate anything.
VerifyReport no_dane(std::string why, std::string hint) {
  VerifyReport report;
  report.why = std::move(why);
  report.hint = std::move(hint);
  return report;
}

Result<VerifyReport> against_dns(const Verification& verification, const DnsName& owner, const Workshop& shop) {
  const auto seen = look_at(shop, {owner});
  if (!seen) {
    const Error& error = seen.error();
    return error.kind == ErrorKind::invalid ? error : not_yet(error.what, error.hint);
  }
  const OwnerLook& look = seen->owners.front();
  switch (look.dnssec) {
    case Dnssec::unknown:
      return not_yet("the look-up failed: " + look.why, "whether the chain matches is not known; try later");
    case Dnssec::bogus:
      return no_dane(look.why, "senders that check DANE keep the mail back until DNSSEC is mended");
    case Dnssec::insecure:
      return no_dane(look.why, "without DNSSEC there is no DANE: senders deliver as if there were no records");
    case Dnssec::secure:
      break;
  }
  warn_of_unknown(look, shop.output);
  return verification.of(rrsets_of(look));
}

Result<VerifyReport> report_of(const Verification& verification, const VerifyOptions& options, const Workshop& shop) {
  if (options.owner) return against_dns(verification, *options.owner, shop);
  const std::vector<SeenRRset> given{{"", options.tlsa, ""}};
  return verification.of(given);
}

void tell(const VerifyReport& report, const Chain& chain, const VerifyOptions& options, const Output& output) {
  if (!options.json) {
    output.out << verify_text(report, chain);
    return;
  }
  output.out << verify_json(report).dump(2) << '\n';
  if (!report.match) output.trouble(failed("does not match: " + report.why, report.hint));
}

}  // namespace

Status check_options(const VerifyOptions& options) {
  if (options.tlsa.empty() && !options.owner) {
    return invalid("--tlsa or --owner is required",
                   "give the records, --tlsa \"3 1 1 HEX\", or their owner, --owner _25._tcp.mx.example.com");
  }
  if (!options.tlsa.empty() && options.owner) {
    return invalid("--tlsa and --owner exclude each other", "give the records, or the owner that has them in DNS");
  }
  if (!options.ca_file.empty() && !options.pkix) {
    return invalid("--ca-file goes with --pkix", "without --pkix no CA counts (RFC 7672 section 3.1.3)");
  }
  return {};
}

int verify(const VerifyOptions& options, const Workshop& shop, std::istream& standard_input) {
  const auto verification = verification_of(options, shop, standard_input);
  if (!verification) return exit_with(verification.error(), shop.output);
  const auto report = report_of(*verification, options, shop);
  if (!report) return exit_with(report.error(), shop.output);
  tell(*report, verification->chain(), options, shop.output);
  return report->match ? exit_done : exit_failed;
}

namespace {

class VerifyVerb : public Verb {
 public:
  VerifyVerb() : Verb("verify", "does this chain pass DANE? needs no configuration", Purpose::show) {}

  std::string example() const override { return "danectl verify fullchain.pem --owner _25._tcp.mx.example.com"; }

  void declare(OptionList& options) override {
    options.word("CHAIN", options_.chain, "PEM, the end entity first, or one certificate in DER; - is standard input");
    options.values("--tlsa", tlsa_, "a TLSA record, \"3 1 1 HEX\" (repeat)", "RECORD");
    options.value("--owner", owner_, "take the records from DNS, of _25._tcp.mx.example.com", "OWNER");
    options.values("--name", options_.names,
                   "a host name for the certificate, beside the owner's; usage 3 needs none (repeat)", "HOST");
    options.flag("--pkix", options_.pkix, "usages 0 and 1 count, too, with a path to a CA");
    options.value("--ca-file", options_.ca_file, "the CAs of --pkix, in PEM (default: those of the system)", "FILE");
    options.json(options_.json);
  }

  Status finish() override {
    for (const std::string& text : tlsa_) {
      auto record = Association::parse(text);
      if (!record) return unusable_value("--tlsa", record.error());
      options_.tlsa.push_back(*std::move(record));
    }
    for (const std::string& text : options_.names) {
      if (const auto name = DnsName::parse(text); !name) return invalid("--name: " + name.error().what);
    }
    if (owner_) {
      auto owner = DnsName::parse(*owner_);
      if (!owner) return unusable_value("--owner", owner.error());
      const auto parts = parse_owner(*owner);
      if (!parts) return unusable_value("--owner", parts.error());
      options_.owner = *std::move(owner);
    }
    return check_options(options_);
  }

  bool needs_settings(const Environment& /*environment*/) const override { return options_.owner.has_value(); }

  int call(const Workshop& shop, const Environment& environment) const override {
    return verify(options_, shop, environment.standard_input);
  }

 private:
  VerifyOptions options_;
  std::vector<std::string> tlsa_;
  std::optional<std::string> owner_;
};

}  // namespace

std::unique_ptr<Verb> verify_verb() {
  return std::make_unique<VerifyVerb>();
}

}  // namespace danectl
