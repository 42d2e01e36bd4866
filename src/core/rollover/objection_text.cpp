#include "core/rollover/objection_text.hpp"

#include <fmt/format.h>

#include <set>

namespace danectl {
namespace {

std::string rrset_text(const RRset& rrset) {
  if (rrset.empty()) return "no TLSA record";
  std::string text;
  for (const Association& record : rrset) text += (text.empty() ? "" : ", ") + shortened(record);
  return text;
}

std::string by_whom(const Sender& sender) {
  return sender.knows == Sender::Knows::every_digest ? std::string() : fmt::format(" for {}", sender.text());
}

std::string fails_text(const Objection& objection) {
  const HeldVersion& held = *objection.held;
  const std::string records = rrset_text(held.version.records);
  const std::string verdict =
      fmt::format("{} does not pass {}{}", objection.chain, held.version.records.empty() ? "without a record" : "it",
                  by_whom(*objection.sender));
  const bool unheard = held.version.kind == Version::Kind::unheard;
  switch (held.by) {
    case HeldVersion::By::server:
      if (unheard) return fmt::format("{} never gave a validated answer: what it gives is not known", held.server);
      return fmt::format("{} gave {} at {}: {}", held.server, records, held.name.text(), verdict);
    case HeldVersion::By::gone_server:
      return fmt::format("{} is not a name server any more, but caches may still ask it; it gave {}", held.server,
                         unheard ? "no validated answer" : records);
    case HeldVersion::By::asked_for:
      return fmt::format("danectl asked for {} at {}, and this change may still be made: {}", records, held.name.text(),
                         verdict);
    case HeldVersion::By::resolver:
      return fmt::format("the resolver of this host still answers {} from its cache: {}", records, verdict);
    case HeldVersion::By::cache:
      break;
  }
  const std::string until = to_rfc3339(held.until->at.wall);
  if (unheard) return fmt::format("until {} nobody knew what a name server of {} gave", until, held.name.text());
  return fmt::format("name servers gave {} at {} until {}, and caches may still have it: {}", records, held.name.text(),
                     until, verdict);
}

}  // namespace

std::string objection_text(const Objection& objection) {
  switch (objection.kind) {
    case Objection::Kind::not_asked:
      return "DNS was not asked";
    case Objection::Kind::silent:
      return objection.server.empty() ? objection.why : fmt::format("{}: {}", objection.server, objection.why);
    case Objection::Kind::missing:
      if (objection.held->version.records.empty()) {
        return fmt::format("{}: has no TLSA record at {}", objection.server, objection.held->name.text());
      }
      return fmt::format("{}: does not have {}", objection.server, objection.record->text());
    case Objection::Kind::fails:
      return fails_text(objection);
    case Objection::Kind::other_key:
      return "it has another key or issuer than the deployed chain";
    case Objection::Kind::would_fail:
      return fmt::format("{} would not pass {}{}{}", objection.chain, rrset_text(objection.rrset),
                         by_whom(*objection.sender),
                         objection.unnamed_host ? ": its certificate is not for " + *objection.unnamed_host : "");
    case Objection::Kind::needed:
      return fmt::format("{} needs it{}", objection.chain, by_whom(*objection.sender));
    case Objection::Kind::differ:
      return fmt::format("the name servers do not give the same records at {}", objection.owner.text());
    case Objection::Kind::following:
      return fmt::format("not every name server has followed the last change at {}", objection.owner.text());
    case Objection::Kind::unreadable:
      return objection.why;
    case Objection::Kind::probe:
      return fmt::format("what {} presents is not known: {}", objection.server, objection.why);
    case Objection::Kind::additions_first:
      return fmt::format("{} of a deployed chain is missing at {}: it is published first", shortened(*objection.record),
                         objection.owner.text());
    case Objection::Kind::ends_wildcard:
      return fmt::format(
          "{} has its address of a wildcard: the first record below it ends that (RFC 4592 section "
          "2.2.2), and no mail reaches it any more",
          objection.why);
    case Objection::Kind::needs_person:
      break;
  }
  return fmt::format("{} names an issuer, and may be the record of another host, too: only a person may delete it",
                     shortened(*objection.record));
}

std::string alias_text(const Objection& objection) {
  return fmt::format("{} is an alias, and senders first look where it leads", objection.alias->text());
}

std::string how_to_follow_alias(const Objection& objection, const std::string& lineage) {
  const auto parts = parse_owner(objection.owner);
  const auto owner = parts ? owner_at(*parts, *objection.alias) : Result<DnsName>(objection.owner);
  return how_to_move(objection.owner, owner ? *owner : objection.owner, lineage);
}

std::string how_to_move(const DnsName& expanded, const DnsName& owner, const std::string& lineage) {
  return fmt::format(
      "put \"{0}\" in place of \"{1}\" into `tlsa` of {2}, and its host into `probe`, then danectl publish "
      "{2}",
      expanded.text(), owner.text(), lineage);
}

std::string objection_lines(const Objections& objections) {
  std::set<std::string> said;
  std::string text;
  for (const Objection& objection : objections) {
    const std::string sentence = objection_text(objection);
    if (said.insert(sentence).second) text += "\n  " + sentence;
  }
  return text;
}

std::string shortened(const Association& association) {
  const std::string& hex = association.hex;
  if (hex.size() <= 24) return association.text();
  return fmt::format("{} {}...{}", association.group.text(), hex.substr(0, 12), hex.substr(hex.size() - 8));
}

}  // namespace danectl
