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

std::string prerequisite(const RRsetAddress& address, const RRset& seen) {
  if (seen.empty()) {
    return fmt::format("prereq nxrrset {} IN {}\n", address.owner.with_dot(),
                       address.form == RecordForm::rfc3597 ? "TYPE52" : "TLSA");
  }
  std::string text;
  for (const Association& record : seen) {
    text += fmt::format("prereq yxrrset {} IN {}\n", address.owner.with_dot(), record_text(record, address.form));
  }
  return text;
}

}  // namespace

std::string add_script(const RRsetAddress& address, Seconds ttl, const RRset& seen, const RRset& records) {
  std::string text = head(address) + prerequisite(address, seen);
  for (const Association& record : records) {
    text += fmt::format("update add {} {} IN {}\n", address.owner.with_dot(), ttl.count(),
                        record_text(record, address.form));
  }
  return text + "send\n";
}

std::string rehearsal_script(const RRsetAddress& address) {
  const Association nobodys{{3, 1, 1}, std::string(64, '0')};
  return head(address) +
         fmt::format("update delete {} IN {}\nsend\n", address.owner.with_dot(), record_text(nobodys, address.form));
}

std::string remove_script(const RRsetAddress& address, const RRset& seen, const RRset& records) {
  std::string text = head(address) + prerequisite(address, seen);
  for (const Association& record : records) {
    text += fmt::format("update delete {} IN {}\n", address.owner.with_dot(), record_text(record, address.form));
  }
  return text + "send\n";
}

}  // namespace danectl
