// The state files, and the lock that lets one writing danectl work at a time.
#pragma once

#include "app/frame/paths.hpp"
#include "core/rollover/state.hpp"
#include "core/rollover/versions.hpp"
#include "ports/files.hpp"

#include <memory>
#include <string>

namespace danectl {

// An empty state when there is no file yet. The state of another lineage is an error.
Result<State> load_state(Files& files, const Paths& paths, const std::string& name);

// Durable and whole.
Status save_state(Files& files, const Paths& paths, const State& state);

// A ledger that knows nothing when there is no file yet. The ledger of another owner is an error.
Result<Ledger> load_ledger(Files& files, const Paths& paths, const DnsName& owner);

// Durable and whole.
Status save_ledger(Files& files, const Paths& paths, const Ledger& ledger);

// Makes the folders of state_dir that every writing verb needs, then takes the lock. Another danectl at work:
// ErrorKind::not_yet.
Result<std::unique_ptr<FileLock>> open_store(Files& files, const Paths& paths, Milliseconds wait);

inline constexpr Milliseconds short_wait{3000};

}  // namespace danectl
