#include "core/records/nsupdate_script.hpp"

#include <fmt/format.h>

namespace danectl {
namespace {

std::string head(const RRsetAddress& address) {
  std::string text;
  if (!address.server.empty()) text += fmt::format("server {}\n", address.server);
  if (address.zone) text += fmt::format("zone {}\n", address.zone->with_dot());
  return text;
}

}  // namespace

std::string add_script(const RRsetAddress& address, Seconds ttl, const std::vector<Association>& records) {
  std::string text = head(address);
  for (const Association& record : records) {
    text += fmt::format("update add {} {} IN {}\n", address.owner.with_dot(), ttl.count(),
                        record_text(record, address.form));
  }
  return text + "send\n";
}

std::string remove_script(const RRsetAddress& address, const RRset& seen, const std::vector<Association>& records) {
  std::string text = head(address);
  for (const Association& record : seen) {
    text += fmt::format("prereq yxrrset {} IN {}\n", address.owner.with_dot(), record_text(record, address.form));
  }
  for (const Association& record : records) {
    text += fmt::format("update delete {} IN {}\n", address.owner.with_dot(), record_text(record, address.form));
  }
  return text + "send\n";
}

}  // namespace danectl
