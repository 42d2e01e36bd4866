#include "system/dns/host_memory.hpp"

#include <utility>

namespace danectl {

using std::chrono::steady_clock;

void HostMemory::want(const DnsName& name, Known known) {
  auto [at, is_new] = entries_.try_emplace(name.text());
  Entry& entry = at->second;
  if (!is_new && entry.host != nullptr) {
    if (steady_clock::now() - entry.asked < keep_) {
      used_.splice(used_.begin(), used_, entry.place);
      known(entry.host);
      return;
    }
    used_.erase(entry.place);
    entry.host = nullptr;
    is_new = true;
  }
  entry.waiting.push_back(std::move(known));
  if (!is_new) return;
  entry.asked = steady_clock::now();
  questions_.ask_host(name, [this, text = name.text()](MailHost found) { take(text, std::move(found)); });
}

void HostMemory::take(const std::string& name, MailHost found) {
  Entry& entry = entries_.at(name);
  const Host host = std::make_shared<const MailHost>(std::move(found));
  entry.host = host;
  used_.push_front(name);
  entry.place = used_.begin();
  const auto waiting = std::exchange(entry.waiting, {});
  while (used_.size() > most_) {
    entries_.erase(used_.back());
    used_.pop_back();
  }
  // Last: each of them may want more hosts.
  for (const Known& known : waiting) known(host);
}

}  // namespace danectl
