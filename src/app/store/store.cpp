#include "app/store/store.hpp"

#include "core/rollover/ledger_json.hpp"
#include "core/rollover/state_json.hpp"

#include <fmt/format.h>

namespace danectl {

Result<State> load_state(Files& files, const Paths& paths, const std::string& name) {
  const std::string path = paths.state(name);
  const auto info = files.info_followed(path);
  if (!info) return info.error();
  if (!*info) {
    State fresh;
    fresh.name = name;
    return fresh;
  }
  const auto text = files.read(path);
  if (!text) return text.error();
  auto state = read_state(*text, path);
  // A backup put back under another name: its keys are another lineage's, and saving it would overwrite that one's
  // state.
  if (state && state->name != name) {
    return failed(fmt::format("{} is the state of {} and not of {}", path, state->name, name),
                  "put the right one back from a backup, or move it away: the ledger then begins anew");
  }
  return state;
}

Status save_state(Files& files, const Paths& paths, const State& state) {
  return files.write(paths.state(state.name), write_state(state), {.mode = 0644});
}

Result<Ledger> load_ledger(Files& files, const Paths& paths, const DnsName& owner) {
  const std::string path = paths.ledger(owner);
  const auto info = files.info_followed(path);
  if (!info) return info.error();
  if (!*info) return Ledger{.name = owner};
  const auto text = files.read(path);
  if (!text) return text.error();
  auto ledger = read_ledger(*text, path);
  if (ledger && ledger->name != owner) {
    return failed(fmt::format("{} is the ledger of {} and not of {}", path, ledger->name.text(), owner.text()),
                  "put the right one back from a backup, or move it away: the ledger then begins anew");
  }
  return ledger;
}

Status save_ledger(Files& files, const Paths& paths, const Ledger& ledger) {
  return files.write(paths.ledger(ledger.name), write_ledger(ledger), {.mode = 0644});
}

Result<std::unique_ptr<FileLock>> open_store(Files& files, const Paths& paths, Milliseconds wait) {
  for (const std::string& folder : {paths.state_dir(), paths.states(), paths.ledgers(), paths.live_root()}) {
    if (auto made = files.make_folder(folder, 0755); !made) return made.error();
  }
  for (const std::string& folder : {paths.next_root(), paths.candidates_root()}) {
    if (auto made = files.make_folder(folder, 0700); !made) return made.error();
  }
  auto lock = files.lock(paths.lock(), wait);
  if (!lock && lock.error().kind == ErrorKind::not_yet) {
    return not_yet(fmt::format("another danectl is at work ({} is locked)", paths.lock()), "try again when it is done");
  }
  return lock;
}

}  // namespace danectl
