#include "app/store/probe_memo.hpp"

#include <algorithm>
#include <utility>

namespace danectl {
namespace {

// Others may reload the server as well: a step must not go by what it showed before that. As long as a few handshakes
// may take anyhow.
constexpr Seconds longest_kept{30};

// Here doubt makes older: a call never goes on behind a boot, and this clock is never set.
bool is_old(const Instant& at, const Instant& now) {
  const Milliseconds passed = now.since_boot - at.since_boot;
  return at.boot_id != now.boot_id || passed < Milliseconds{0} || passed >= longest_kept;
}

}  // namespace

std::vector<ProbeResult> ProbeMemo::ask(ServerProbe& probe, const std::vector<ProbeUrl>& urls, Clock& clock) {
  const Instant now = clock.now();
  std::erase_if(known_, [&](const Known& one) { return is_old(one.at, now); });
  const auto known = [&](const ProbeUrl& url) {
    return std::find_if(known_.begin(), known_.end(), [&](const Known& one) { return one.url == url.text(); });
  };
  std::vector<ProbeUrl> open;
  std::copy_if(urls.begin(), urls.end(), std::back_inserter(open),
               [&](const ProbeUrl& url) { return known(url) == known_.end(); });
  if (!open.empty()) {
    for (ProbeResult& result : probe.probe(open)) {
      std::string text = result.url.text();
      known_.push_back({std::move(text), now, std::move(result)});
    }
  }
  std::vector<ProbeResult> results;
  for (const ProbeUrl& url : urls) {
    if (const auto one = known(url); one != known_.end()) results.push_back(one->result);
  }
  return results;
}

}  // namespace danectl
