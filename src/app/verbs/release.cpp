#include "app/verbs/release.hpp"

#include "app/certbot/certbot_lineage.hpp"
#include "app/store/generations.hpp"
#include "app/store/leftovers.hpp"
#include "app/store/references.hpp"
#include "app/store/store.hpp"

#include <fmt/format.h>

namespace danectl {
namespace {

void say_what_reads_live(const Workshop& shop, const std::string& name) {
  const std::string live = shop.paths().live(name);
  const std::vector<std::string> places = references_to(shop.files(), live);
  shop.output.out << fmt::format("  from now on nothing renews {}: point servers at {}/live/{} instead\n", live,
                                 shop.config().certbot_dir, name);
  for (const std::string& place : places) shop.output.out << fmt::format("    {} reads it\n", place);
  if (places.empty()) shop.output.out << "    no configuration of a mail or web server in /etc was found to name it\n";
}

// certbot's own key may not be the one that DNS has a record of.
void warn_of_another_key(const Workshop& shop, const std::string& name) {
  const auto deployed = read_deployed(shop.files(), shop.paths(), name);
  if (!deployed || !*deployed) return;
  const auto theirs = read_certbot_lineage(shop.files(), shop.config().certbot_dir, name);
  if (theirs && theirs->chain.leaf().key == (*deployed)->chain.leaf().key) return;
  shop.output.warn(
      theirs ? fmt::format("{}: certbot's lineage has another key than the deployed one", name) : theirs.error().what,
      "do not point a server at certbot's files before DNS has had that key's record for two TTLs");
}

void say_done(const Workshop& shop, const LineageConfig& lineage) {
  if (shop.output.verbosity == Verbosity::quiet) return;
  shop.output.out << fmt::format(
      "{0}: released; its records, reuse_key in certbot's configuration and {1} are as they were\n", lineage.name,
      shop.paths().live(lineage.name));
  say_what_reads_live(shop, lineage.name);
  shop.output.out << "  to leave DANE, in this order (else senders hold the mail):\n";
  std::vector<std::string> steps;
  for (const DnsName& owner : lineage.tlsa) steps.push_back("delete the whole TLSA RRset at " + owner.text());
  steps.emplace_back(lineage.tlsa.size() > 1 ? "wait twice the longest of their TTLs" : "wait twice its TTL");
  steps.emplace_back("only then let keys change: reuse_key = False");
  for (std::size_t i = 0; i < steps.size(); ++i) shop.output.out << fmt::format("    {}. {}\n", i + 1, steps[i]);
}

// Nobody remembers it after this call.
void warn_of_pending_reload(const Workshop& shop, const std::string& name) {
  const auto state = load_state(shop.files(), shop.paths(), name);
  if (!state || !state->pending.reload_since) return;
  shop.output.warn(
      fmt::format("{}: a reload is pending, so servers may still present the chain before", name),
      "reload the servers, and keep the records of both keys published until the servers present the deployed key");
}

// The secrets first, while the call can be made again: until its configuration is gone the lineage is enrolled. The
// state last: without it, `run` would not know the keys of the records that are published. Left over it does no harm.
Status forget(const Workshop& shop, const LineageConfig& lineage) {
  Files& files = shop.files();
  const Paths paths = shop.paths();
  for (const std::string& folder :
       {paths.next(lineage.name), paths.candidates(lineage.name), paths.work(lineage.name)}) {
    if (auto removed = files.remove_tree(folder); !removed) return removed;
  }
  if (auto removed = files.remove(shop.settings.lineage_path(lineage.name)); !removed) return removed;
  if (auto removed = files.remove(paths.state(lineage.name)); !removed) {
    shop.output.warn(removed.error().what, "remove it by hand");
  }
  return {};
}

}  // namespace

int release(const ReleaseOptions& options, const Workshop& shop) {
  const auto lineages = choose_lineages(shop.settings, {options.name});
  if (!lineages) return exit_with(lineages.error(), shop.output);
  const LineageConfig& lineage = lineages->front();
  warn_of_pending_reload(shop, lineage.name);
  if (options.dry_run) {
    shop.output.out << fmt::format("{}: would forget it: {}, its state, next key and candidates\n", lineage.name,
                                   shop.settings.lineage_path(lineage.name));
    return exit_done;
  }
  const auto lock = open_cleared_store(shop, short_wait);
  if (!lock) return exit_with(lock.error(), shop.output);
  if (auto forgotten = forget(shop, lineage); !forgotten) {
    return exit_with(lineage.name, forgotten.error(), shop.output);
  }
  warn_of_another_key(shop, lineage.name);
  say_done(shop, lineage);
  return exit_done;
}

namespace {

class ReleaseVerb : public VerbWith<ReleaseOptions, release> {
 public:
  ReleaseVerb()
      : VerbWith("release", "forget a lineage; DNS, certbot and live/NAME stay as they are", Purpose::change) {}

  std::string example() const override { return "danectl release mx.example.com"; }

  void declare(OptionList& options) override {
    options.one_name(options_.name);
    options.dry_run(options_.dry_run);
  }
};

}  // namespace

std::unique_ptr<Verb> release_verb() {
  return std::make_unique<ReleaseVerb>();
}

}  // namespace danectl
