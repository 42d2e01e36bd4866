#include "system/probe/helo_name.hpp"

#include "core/dns/dns_name.hpp"

#include <array>
#include <vector>

#include <netdb.h>
#include <unistd.h>

namespace danectl {
namespace {

bool is_full(const std::string& name) {
  return name.find('.') != std::string::npos && DnsName::parse(name).ok();
}

std::vector<std::string> names_of(const hostent& entry) {
  std::vector<std::string> names{entry.h_name};
  for (char** alias = entry.h_aliases; *alias != nullptr; ++alias) names.emplace_back(*alias);
  return names;
}

// The name with a domain that stands beside `name` in /etc/hosts.
std::string from_hosts_file(const std::string& name) {
  std::string full;
  ::sethostent(1);
  while (const hostent* const entry = ::gethostent()) {
    const auto names = names_of(*entry);
    for (const std::string& mine : names) {
      if (mine != name) continue;
      for (const std::string& candidate : names) {
        if (full.empty() && is_full(candidate)) full = candidate;
      }
    }
  }
  ::endhostent();
  return full;
}

}  // namespace

std::string full_host_name() {
  std::array<char, 256> buffer{};
  if (::gethostname(buffer.data(), buffer.size() - 1) != 0) return {};
  const std::string name = buffer.data();
  return is_full(name) ? name : from_hosts_file(name);
}

std::string helo_name(const std::string& host_name, const std::string& own_address) {
  if (!host_name.empty()) return host_name;
  const std::string address = own_address.substr(0, own_address.find('%'));
  return address.find(':') == std::string::npos ? "[" + address + "]" : "[IPv6:" + address + "]";
}

}  // namespace danectl
