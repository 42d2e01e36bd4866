// The steps of Roll from certbot's lineage to the servers.
#include "app/certbot/certbot_install.hpp"
#include "app/frame/explain.hpp"
#include "app/publish/asking_servers.hpp"
#include "app/roll/hooks.hpp"
#include "app/roll/housekeeping.hpp"
#include "app/roll/roll.hpp"
#include "app/store/generations.hpp"
#include "app/store/observe_files.hpp"
#include "app/store/store.hpp"
#include "core/rollover/candidate.hpp"
#include "core/rollover/settle.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace danectl {
namespace {

// Why a certificate that the CA has just given for the next key is of no use; nothing: it is good.
std::optional<Error> what_is_amiss_with(const std::optional<NextFact>& next) {
  if (!next || !next->issued) return std::nullopt;
  const std::string what = "the certificate for the next key may not be deployed: ";
  if (next->issued->refused) return failed(what + next->issued->refused->what, next->issued->refused->hint);
  if (next->issued->due) return failed(what + "it is due for renewal already");
  return std::nullopt;
}

Error with_hint(const Error& error, const std::string& more) {
  return {error.kind, error.what, error.hint.empty() ? more : fmt::format("{}\n  {}", error.hint, more)};
}

}  // namespace

Roll::Progress Roll::restore_reuse_key() {
  if (auto locked = lock_certbot_now(); !locked) return rest_or_fail(locked.error());
  const KeyType type = facts_.certbot->chain.leaf().key.type;
  const auto put_back = put_reuse_key_back(shop_.files(), shop_.config().certbot_dir, lineage_.name, type);
  if (!put_back) return put_back.error();
  if (put_back->reuse_key) {
    shop_.output.warn(
        fmt::format("{}: certbot's renewal configuration had lost reuse_key = True; it is set again", lineage_.name),
        "put `reuse-key = true` into certbot's cli.ini, so that no certbot call drops it");
  }
  if (put_back->key_type) {
    say(
        fmt::format("set key_type in certbot's renewal configuration as the key is, {}: certbot would have refused to "
                    "renew",
                    to_text(type)));
  }
  return Next::again;
}

Roll::Progress Roll::adopt() {
  auto theirs = read_certbot_lineage(shop_.files(), shop_.config().certbot_dir, lineage_.name);
  if (!theirs) return theirs.error();
  const KeyAndChain material{std::move(theirs->private_key), std::move(theirs->chain)};
  // The lineage is read again here, and certbot may have moved on: nothing else may go out without a look.
  const Chain fresh = served_chain(material.chain, lineage_);
  const Objections against = may_adopt(shop_.book->ledgers(), deploy_rule(lineage_), fresh, facts_.deployed->chain,
                                       now(), shop_.world.clock.now().wall);
  if (!against.empty()) return Next::again;
  const auto number = deploy(material);
  if (!number) return number.error();
  say(fmt::format("deployed certbot's newer certificate for the same {} (generation {}, ends {})",
                  lineage_.names_keys() ? "key" : "issuer", *number, to_rfc3339(material.chain.leaf().not_after)));
  warn_of_names_that_go("certbot's newer certificate", material.chain.leaf());
  return Next::again;
}

// Once, and before the facts are observed again.
void Roll::warn_of_names_that_go(std::string_view whose, const Certificate& fresh) const {
  const std::vector<std::string> gone = names_that_go(facts_.deployed->chain.leaf(), fresh);
  if (gone.empty()) return;
  std::vector<std::string> all = fresh.names;
  all.insert(all.end(), gone.begin(), gone.end());
  shop_.output.warn(
      fmt::format("{}: {} is not for {}, but the deployed certificate is", lineage_.name, whose, fmt::join(gone, ", ")),
      fmt::format("senders that use the record of a key do not check names (RFC 7672 section 3.1.1), but other clients "
                  "do; if the name should stay: certbot certonly --cert-name {} --reuse-key -d {}",
                  lineage_.name, fmt::join(all, " -d ")));
}

Roll::Progress Roll::keep_candidate() {
  const auto theirs = read_certbot_lineage(shop_.files(), shop_.config().certbot_dir, lineage_.name);
  if (!theirs) return theirs.error();
  const Certificate& leaf = theirs->chain.leaf();
  const ChainKeys keys = keys_of(served_chain(theirs->chain, lineage_), lineage_);
  const std::string copy = Paths::copy_of(keys);
  const std::string folder = shop_.paths().candidate(lineage_.name, copy);
  Files& files = shop_.files();
  for (const std::string& path : {shop_.paths().candidates(lineage_.name), folder}) {
    if (auto made = files.make_folder(path, 0700); !made) return made.error();
  }
  if (auto cleared = files.remove_temporaries(folder); !cleared) return cleared.error();
  if (auto written = files.write(folder + "/privkey.pem", theirs->private_key, {.mode = 0600}); !written) {
    return written.error();
  }
  if (auto written = files.write(folder + "/fullchain.pem", theirs->chain.pem(), {.mode = 0600}); !written) {
    return written.error();
  }
  State state = state_;
  CandidateKey candidate{
      leaf.key, leaf.fingerprint, leaf.not_before, leaf.not_after, shop_.world.clock.now(), keys.anchor, copy};
  for (const CandidateKey& known : state.candidates) {
    if (known.keys() == keys) candidate.since = known.since;
  }
  std::erase_if(state.candidates, [&](const CandidateKey& known) { return known.keys() == keys; });
  state.candidates.push_back(candidate);
  if (auto saved = save(std::move(state)); !saved) return saved.error();
  const bool another_key = lineage_.names_keys() && !(leaf.key == facts_.deployed->chain.leaf().key);
  const bool root_alone = leaf.fingerprint == facts_.deployed->chain.leaf().fingerprint;
  const std::string what = another_key  ? fmt::format("has made another key, {}", leaf.key.sha256)
                           : root_alone ? std::string("has what is deployed, which append_root closes with a root")
                           : !names_that_go(facts_.deployed->chain.leaf(), leaf).empty()
                               ? std::string("has a certificate for fewer names")
                               : fmt::format("has a chain from another issuer, {}", leaf.issuer);
  const Chain served = served_chain(theirs->chain, lineage_);
  const WallTime wall = shop_.world.clock.now().wall;
  const auto good = check_chain({served, leaf.key, facts_.deployed->chain, lineage_, wall, leaf.names});
  if (!good) {
    shop_.output.warn(fmt::format("{}: certbot {}; it may not be deployed: {}", lineage_.name, what, good.error().what),
                      good.error().hint);
    return Next::again;
  }
  warn_of_names_that_go("certbot's newer certificate", leaf);  // it may take long until it is deployed
  const bool publishes = by_hand(shop_, lineage_) == ByHand::nothing;
  if (lineage_.rotation == Rotation::certbot && publishes) {
    say(fmt::format("certbot {}: it is deployed once its records are ready", what));
    return Next::again;
  }
  shop_.output.warn(
      fmt::format("{}: certbot {}; it is not deployed, and the old chain is still served", lineage_.name, what),
      fmt::format("publish its records too (`danectl publish {}`); it is deployed once they are ready", lineage_.name));
  return Next::again;
}

Roll::Progress Roll::install() {
  const auto locked = lock_certbot_now();
  if (!locked) return rest_or_fail(locked.error());
  if (*locked) return Next::again;
  const auto material = read_generation(shop_.files(), shop_.paths(), lineage_.name, facts_.deployed->generation);
  if (!material) return material.error();
  if (auto done = install_deployed(*material); !done) return done.error();
  return Next::again;
}

Status Roll::install_deployed(const KeyAndChain& material) {
  const KeyAndChain theirs{material.private_key, without_root(material.chain, lineage_)};
  Status done = install_as_next_version(shop_.files(), shop_.config().certbot_dir, lineage_.name, theirs);
  if (!done) return done;
  fresh_look_ = false;
  say("installed it as the next version of certbot's lineage: `certbot renew` goes on with this key");
  return {};
}

Roll::Progress Roll::run_hooks() {
  certbot_lock_.reset();  // a hook may call certbot
  fresh_look_ = false;
  tried_.insert(StepKind::run_hooks);
  // Within certbot's own deploy hook its other hooks are certbot's to run.
  if (mode_ != RollMode::deploy_hook && state_.pending.certbot_hooks_since) {
    auto done = run_certbot_hooks(shop_, lineage_.name);
    if (done) done = clear_hooks_pending();
    if (auto noted = left_for_later(StepKind::run_hooks, done); !noted) return noted;
  }
  if (!state_.pending.reload_since) return Next::again;
  auto done = run_reloads(shop_, lineage_);
  using By = PresentedGeneration::ReloadedBy;
  const By by = lineage_.reload.empty() ? By::nothing : By::command;
  if (done) done = save(with_reloaded(state_, reading(), by));
  if (!done) return left_for_later(StepKind::run_hooks, done);
  if (!lineage_.reload.empty()) say("reloaded the servers");
  // Not within certbot's hook, which should not be kept waiting for the network.
  if (mode_ != RollMode::deploy_hook && !lineage_.probe.empty() && facts_.deployed) {
    warn_of_other_keys(shop_, lineage_, state_);
  }
  return Next::again;
}

Status Roll::clear_hooks_pending() {
  State state = state_;
  state.pending.certbot_hooks_since.reset();
  return save(std::move(state));
}

Roll::Progress Roll::issue() {
  const auto locked = lock_certbot_now();
  if (!locked) return rest_or_fail(locked.error());
  if (*locked) return Next::again;
  if (auto got = get_certificate(); !got) {
    if (!unattended()) return got.error();
    return left_for_later(StepKind::issue, got);
  }
  tried_.insert(StepKind::issue);
  if (auto looked = look_again(); !looked) return looked.error();
  if (auto observed = observe_now(); !observed) return observed.error();
  if (const auto amiss = what_is_amiss_with(facts_.next)) {
    // Another one would hardly be better: the CA is left in peace as if it had refused.
    const Error error = noted_as_refusal(*amiss);
    if (!unattended()) return error;
    return left_for_later(StepKind::issue, error);
  }
  return Next::again;
}

Status Roll::get_certificate() {
  auto key = shop_.files().read(shop_.paths().next_key(lineage_.name));
  if (!key) return key.error();
  if (const auto& before = facts_.next->issued; before && before->refused) {
    say("gets another certificate for the next key: " + before->refused->what);
  }
  const auto authority = shop_.world.authority(shop_.config());
  const IssueRequest request{lineage_.name, std::move(key).value()};
  fresh_look_ = false;
  if (state_.pending.order_since && unattended()) {
    const Milliseconds ago = elapsed(*state_.pending.order_since, shop_.world.clock.now());
    const auto left = authority->left_behind(request, ago);
    if (!left) return left.error();
    if (*left) return keep_next_chain(**left);
    return noted_as_refusal(failed(
        fmt::format("certbot was started for the next key of {}, but how it ended could not be noted, and it left no "
                    "certificate that can be used",
                    lineage_.name),
        "danectl was ended, or had no room to note it; the CA may have issued a certificate, and CAs count them"));
  }
  const auto chain = authority->issue(request, [this] { return note_order(); });
  if (chain) return keep_next_chain(*chain);
  if (authority->ordered()) return noted_as_refusal(chain.error());
  if (auto noted = order_ended(state_); !noted) return with_hint(chain.error(), noted.error().what);
  return chain.error();
}

Status Roll::keep_next_chain(const Chain& chain) {
  if (auto kept = shop_.files().write(shop_.paths().next_chain(lineage_.name), chain.pem(), {.mode = 0600}); !kept) {
    return kept;
  }
  say(fmt::format("got a certificate for the next key, ends {}", to_rfc3339(chain.leaf().not_after)));
  return order_ended(state_);
}

// Before the order: should danectl be ended in it, or the file system have no room afterwards, the next run must not
// take it that the CA was never asked.
Status Roll::note_order() {
  State state = state_;
  state.pending.order_since = shop_.world.clock.now();
  return save(std::move(state));
}

Status Roll::order_ended(State state) {
  state.pending.order_since.reset();
  return save(std::move(state));
}

Error Roll::noted_as_refusal(const Error& error) {
  State state = state_;
  const unsigned count = (state.ca_refusals ? state.ca_refusals->count : 0) + 1;
  state.ca_refusals = Refusals{count, shop_.world.clock.now()};
  if (auto saved = order_ended(std::move(state)); !saved) return with_hint(error, saved.error().what);
  return with_hint(error, fmt::format("`danectl run` asks again in {}", human_duration(back_off(count))));
}

Status Roll::issue_ahead() {
  if (auto observed = observe_now(); !observed) return observed;
  if (!facts_.next) return failed("there is no next key to get a certificate for");
  const auto& issued = facts_.next->issued;
  if (issued && !issued->due && !issued->refused) return {};
  if (!facts_.certbot) return failed(facts_.certbot_trouble, "mend certbot's lineage");
  if (facts_.deployed) {
    const Certificate& certbots = facts_.certbot->chain.leaf();
    if (auto named = check_hosts(certbots, facts_.deployed->chain.leaf(), lineage_); !named) return named;
  }
  if (auto locked = lock_certbot_now(); !locked) return locked.error();
  return get_certificate();
}

Roll::Progress Roll::deploy_ready(const Step& step) {
  const auto locked = lock_certbot_now();
  if (!locked) return rest_or_fail(locked.error());
  if (!fresh_look_) {
    if (auto looked = look_again(); !looked) return looked.error();
    return Next::again;
  }
  auto material = [&]() -> Result<KeyAndChain> {
    if (step.kind == StepKind::deploy_candidate) {
      return read_candidate(shop_, lineage_.name, facts_.state.candidates[step.candidate]);
    }
    auto key = shop_.files().read(shop_.paths().next_key(lineage_.name));
    if (!key) return key.error();
    return KeyAndChain{std::move(key).value(), facts_.next->issued->chain};
  }();
  if (!material) return material.error();
  const auto number = deploy(*material);
  if (!number) return number.error();
  say(fmt::format("deployed generation {}: key {}", *number, material->chain.leaf().key.sha256));
  if (step.kind == StepKind::deploy_next) {
    warn_of_names_that_go("the certificate of the next key", material->chain.leaf());
  }
  return Next::again;
}

// The note comes first: a cut right after the switch must not leave a chain that servers may load and nobody knows of.
Result<unsigned> Roll::deploy(const KeyAndChain& material) {
  Result<unsigned> number = write_generation(shop_.files(), shop_.paths(), lineage_, material);
  if (!number) return number.error();
  State noted = state_;
  const bool known = std::any_of(noted.presented.begin(), noted.presented.end(),
                                 [&](const PresentedGeneration& one) { return one.number == *number; });
  if (!known) noted.presented.push_back({*number});
  noted.pending.reload_since = shop_.world.clock.now();
  if (auto saved = save(std::move(noted)); !saved) return saved.error();
  if (auto switched = switch_live(shop_.files(), shop_.paths(), lineage_.name, *number); !switched) {
    return switched.error();
  }
  return number;
}

Roll::Progress Roll::stage_step() {
  const bool following = promoted_ || state_.pending.stage_since;
  if (auto staged = stage(); !staged) return staged.error();
  const bool for_a_person = by_hand(shop_, lineage_) != ByHand::nothing;
  say(fmt::format(
      "staged the {} key{}", following ? "following next" : "next",
      for_a_person || !unattended() ? "; publish its records: danectl publish " + lineage_.name : std::string()));
  return unattended() ? Next::again : Next::rest;
}

Roll::Progress Roll::not_ready(const Step& step) {
  if (unattended()) return Next::rest;
  const bool of_next = lineage_.stages_keys() && facts_.next;
  if (!of_next && facts_.candidates.empty()) return not_yet(step.why, step.what);
  const Readiness& way = of_next ? facts_.next->way : facts_.candidates.back().way;
  return not_promoted(lineage_.name, way, step, shop_.output);
}

Status Roll::stage() {
  if (auto loaded = load(); !loaded) return loaded;
  const std::string path = shop_.paths().next_key(lineage_.name);
  const auto there = shop_.files().info(path);
  if (!there) return there.error();
  if (facts_.next_is_deployed) {
    if (auto removed = remove_next(shop_.files(), shop_.paths(), lineage_.name); !removed) return removed;
  } else if (*there) {
    return failed(fmt::format("{} is there already", path), "it is never written over");
  }
  KeyType type = lineage_.key.value_or(state_.current ? state_.current->key.type : KeyType::other);
  if (type == KeyType::other) {
    return failed("the current key is of a type that danectl does not make",
                  fmt::format("set `key` in {}", shop_.settings.lineage_path(lineage_.name)));
  }
  const auto pem = shop_.world.keys.make(type);
  if (!pem) return pem.error();
  if (auto made = shop_.files().make_folder(shop_.paths().next(lineage_.name), 0700); !made) return made;
  if (auto written = shop_.files().write(path, *pem, {.mode = 0600}); !written) return written;
  if (auto observed = observe_now(); !observed) return observed;
  return save(settled(facts_, lineage_, shop_.world.clock.now()));
}

}  // namespace danectl
