#include "core/rollover/sender.hpp"

#include "core/keys/usable.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace danectl {
namespace {

bool knows(const Sender& sender, const Group& group) {
  switch (sender.knows) {
    case Sender::Knows::every_digest:
    case Sender::Knows::no_anchors:
      return true;
    case Sender::Knows::no_sha512:
      return is_known_to_all(group);
    case Sender::Knows::one_line:
      break;
  }
  return group == sender.line;
}

}  // namespace

std::string Sender::text() const {
  switch (knows) {
    case Knows::every_digest:
      return "a sender that knows every digest";
    case Knows::no_sha512:
      return "a sender that does not know SHA-512";
    case Knows::no_anchors:
      return "a sender that takes no certificate out of a TLSA record";
    case Knows::one_line:
      break;
  }
  return fmt::format("a sender that knows {} alone", line.text());
}

std::vector<Sender> senders_of(const std::vector<Group>& profile) {
  std::vector<Sender> senders{{Sender::Knows::every_digest, {}}, {Sender::Knows::no_sha512, {}}};
  for (const Group& line : profile) senders.push_back({Sender::Knows::one_line, line});
  senders.push_back({Sender::Knows::no_anchors, {}});
  return senders;
}

RRset used_by(const Sender& sender, const RRset& rrset) {
  const auto can_use = [&](const Association& record) { return knows(sender, record.group) && usable(record); };
  RRset used;
  std::copy_if(rrset.begin(), rrset.end(), std::back_inserter(used), [&](const Association& record) {
    return can_use(record) && std::none_of(rrset.begin(), rrset.end(), [&](const Association& other) {
             return hides(other.group, record.group) && can_use(other);
           });
  });
  return used;
}

bool checks(const Sender& sender, const RRset& rrset) {
  return std::any_of(rrset.begin(), rrset.end(),
                     [&](const Association& record) { return knows(sender, record.group) && usable(record); });
}

}  // namespace danectl
