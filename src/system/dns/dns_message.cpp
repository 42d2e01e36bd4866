#include "system/dns/dns_message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include <arpa/nameser.h>
#include <resolv.h>

namespace danectl {
namespace {

// libunbound follows 11 aliases; a longer chain is not from it.
constexpr std::size_t most_links = 32;

constexpr std::size_t header_length = 12;

struct Record {
  DnsName name;
  int type = 0;
  std::span<const std::uint8_t> rdata;
};

struct Signature {
  DnsName signer;
  Seconds ttl{};
  WallTime begins;
  WallTime ends;
  WallTime first_begins;   // of all that cover the RRset
  std::size_t labels = 0;  // of the name that was signed, which is shorter than the owner's below a wildcard
};

struct Negative {
  DnsName zone;
  Seconds ttl{};
};

Error unreadable(const std::string& why) {
  return failed(fmt::format("the answer cannot be read: {}", why));
}

// The records of the answer and the authority section. Records at names a DnsName cannot hold are left out: nothing of
// ours can stand there (NSEC owners such as `\000.example.com` do).
class Message {
 public:
  static Result<Message> read(std::span<const std::uint8_t> packet) {
    Message message(packet);
    if (packet.size() > NS_MAXMSG ||
        ns_initparse(packet.data(), static_cast<int>(packet.size()), &message.handle_) != 0) {
      return unreadable("not a DNS message");
    }
    if (!message.read_section(ns_s_an, message.answer_) || !message.read_section(ns_s_ns, message.authority_)) {
      return unreadable("a record is cut short");
    }
    return message;
  }

  [[nodiscard]] const std::vector<Record>& answer() const { return answer_; }
  [[nodiscard]] const std::vector<Record>& authority() const { return authority_; }

  // The name at the start of `rdata`, which may be compressed.
  [[nodiscard]] Result<DnsName> name_in(std::span<const std::uint8_t> rdata) const {
    std::array<char, NS_MAXDNAME> text{};
    const std::uint8_t* end = packet_.data() + packet_.size();
    const int used = dn_expand(packet_.data(), end, rdata.data(), text.data(), static_cast<int>(text.size()));
    if (used < 0 || static_cast<std::size_t>(used) > rdata.size()) return unreadable("a name is cut short");
    return text[0] == '\0' ? DnsName{} : DnsName::parse(text.data());
  }

  // The octets of `rdata` after its first `count` names; nothing when they are cut short.
  [[nodiscard]] static std::span<const std::uint8_t> after_names(std::span<const std::uint8_t> rdata, int count) {
    for (; count > 0; --count) {
      const int used = dn_skipname(rdata.data(), rdata.data() + rdata.size());
      if (used < 0 || static_cast<std::size_t>(used) > rdata.size()) return {};
      rdata = rdata.subspan(static_cast<std::size_t>(used));
    }
    return rdata;
  }

 private:
  explicit Message(std::span<const std::uint8_t> packet) : packet_(packet) {}

  bool read_section(ns_sect section, std::vector<Record>& records) {
    for (int index = 0; index < ns_msg_count(handle_, section); ++index) {
      ns_rr record;
      if (ns_parserr(&handle_, section, index, &record) != 0) return false;
      if (ns_rr_class(record) != ns_c_in) continue;
      const auto name = DnsName::parse(ns_rr_name(record));
      if (!name) continue;
      records.push_back({*name, static_cast<int>(ns_rr_type(record)),
                         std::span(ns_rr_rdata(record), static_cast<std::size_t>(ns_rr_rdlen(record)))});
    }
    return true;
  }

  std::span<const std::uint8_t> packet_;
  ns_msg handle_{};
  std::vector<Record> answer_;
  std::vector<Record> authority_;
};

// As RFC 4034 section 3.1.3 counts them: without the root. A DnsName has no "*", which is not counted either.
// Several signatures cover an RRset while keys are rolled. libunbound demands one good one and leaves the others in, so
// the largest TTL counts: an invented signature must not shorten a hold-down. So does the latest end, and the fewest
// labels: a wildcard that is not known as one would be hidden. Two signers would be two zones: an Error.
Result<Signature> signature_of(const Message& message, const std::vector<Record>& section, const DnsName& name,
                               int covered) {
  constexpr std::size_t fixed_part = 18;
  std::optional<Signature> found;
  for (const Record& record : section) {
    if (record.type != ns_t_rrsig || record.name != name || record.rdata.size() <= fixed_part) continue;
    if ((record.rdata[0] << 8 | record.rdata[1]) != covered) continue;
    const auto signer = message.name_in(record.rdata.subspan(fixed_part));
    if (!signer) return signer.error();
    if (!name.is_below_or_equal(*signer) || (found && found->signer != *signer)) {
      return unreadable(fmt::format("{} is signed by {}", name.text(), signer->text()));
    }
    const Seconds ttl{ns_get32(record.rdata.data() + 4)};
    const WallTime ends{Seconds{ns_get32(record.rdata.data() + 8)}};
    const WallTime begins{Seconds{ns_get32(record.rdata.data() + 12)}};
    const std::size_t labels = record.rdata[3];
    if (!found) found = Signature{*signer, ttl, begins, ends, begins, labels};
    found->first_begins = std::min(found->first_begins, begins);
    found->ttl = std::max(found->ttl, ttl);
    found->labels = std::min(found->labels, labels);
    if (ends > found->ends) {
      found->begins = begins;
      found->ends = ends;
    }
  }
  if (!found) return unreadable(fmt::format("no signature at {}", name.text()));
  return *found;
}

Result<std::vector<DnsName>> targets(const Message& message, const DnsName& name, int type) {
  std::vector<DnsName> names;
  for (const Record& record : message.answer()) {
    if (record.type != type || record.name != name) continue;
    auto target = message.name_in(record.rdata);
    if (!target) return target.error();
    names.push_back(*std::move(target));
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

// A CNAME made from a DNAME is not signed; the DNAME above it is (RFC 6672 section 5.3.1).
Result<Signature> signature_of_alias(const Message& message, const DnsName& name) {
  auto own = signature_of(message, message.answer(), name, ns_t_cname);
  if (own) return own;
  for (DnsName above = name; !above.is_root();) {
    above = above.parent();
    const bool there = std::any_of(message.answer().begin(), message.answer().end(), [&](const Record& record) {
      return record.type == ns_t_dname && record.name == above;
    });
    if (there) return signature_of(message, message.answer(), above, ns_t_dname);
  }
  return own;
}

// Of NODATA and NXDOMAIN (RFC 2308 section 5): the smaller of the SOA's TTL and its minimum.
Result<Negative> negative_answer(const Message& message, const DnsName& name) {
  constexpr std::size_t numbers = 20;  // serial, refresh, retry, expire, minimum
  const Record* soa = nullptr;
  for (const Record& record : message.authority()) {
    if (record.type != ns_t_soa || !name.is_below_or_equal(record.name)) continue;
    if (soa != nullptr && soa->name.text().size() >= record.name.text().size()) continue;
    soa = &record;
  }
  if (soa == nullptr) return unreadable(fmt::format("neither data nor a SOA for {}", name.text()));
  const auto signature = signature_of(message, message.authority(), soa->name, ns_t_soa);
  if (!signature) return signature.error();
  if (signature->signer != soa->name) return unreadable(fmt::format("a SOA below its zone at {}", soa->name.text()));
  const auto tail = Message::after_names(soa->rdata, 2);
  if (tail.size() != numbers) return unreadable(fmt::format("the SOA of {} is cut short", soa->name.text()));
  return Negative{soa->name, std::min(signature->ttl, Seconds{ns_get32(tail.data() + 16)})};
}

Result<RRset> records_at(const Message& message, const DnsName& name) {
  RRset records;
  for (const Record& record : message.answer()) {
    if (record.type != ns_t_tlsa || record.name != name) continue;
    auto association = Association::from_rdata(record.rdata);
    if (!association) return unreadable(association.error().what);
    records.push_back(*std::move(association));
  }
  std::sort(records.begin(), records.end());
  records.erase(std::unique(records.begin(), records.end()), records.end());
  return records;
}

Result<ChainLink> alias_link(const Message& message, const DnsName& name, const DnsName& target) {
  const auto signature = signature_of_alias(message, name);
  if (!signature) return signature.error();
  return ChainLink{name, signature->signer, target, signature->ttl, std::nullopt};
}

Result<ChainLink> last_link(const Message& message, const DnsName& name, const RRset& records) {
  if (records.empty()) {
    const auto negative = negative_answer(message, name);
    if (!negative) return negative.error();
    return ChainLink{name, negative->zone, std::nullopt, negative->ttl, std::nullopt};
  }
  const auto signature = signature_of(message, message.answer(), name, ns_t_tlsa);
  if (!signature) return signature.error();
  ChainLink link{name, signature->signer, std::nullopt, signature->ttl, signature->begins, signature->ends};
  link.from_wildcard = signature->labels < name.labels();  // RFC 4035 section 5.3.4
  return link;
}

// Whether the question section holds this and no other question; nothing: it holds none.
std::optional<bool> repeats(std::span<const std::uint8_t> packet, const PlainQuery& query) {
  if (packet[4] == 0 && packet[5] == 0) return std::nullopt;
  std::array<char, NS_MAXDNAME> text{};
  const std::uint8_t* const end = packet.data() + packet.size();
  const int used =
      dn_expand(packet.data(), end, packet.data() + header_length, text.data(), static_cast<int>(text.size()));
  if (used < 0 || packet.size() < header_length + static_cast<std::size_t>(used) + 4) return false;
  const auto name = text[0] == '\0' ? DnsName{} : DnsName::parse(text.data());
  const auto rest = packet.subspan(header_length + static_cast<std::size_t>(used), 4);
  return name && *name == query.name && (rest[0] << 8 | rest[1]) == query.type && (rest[2] << 8 | rest[3]) == ns_c_in;
}

std::optional<std::uint32_t> serial_at(std::span<const std::uint8_t> packet, const DnsName& apex) {
  constexpr std::size_t numbers = 20;
  const auto message = Message::read(packet);
  if (!message) return std::nullopt;
  for (const Record& record : message->answer()) {
    if (record.type != ns_t_soa || record.name != apex) continue;
    const auto tail = Message::after_names(record.rdata, 2);
    if (tail.size() == numbers) return static_cast<std::uint32_t>(ns_get32(tail.data()));
  }
  return std::nullopt;
}

}  // namespace

Result<TlsaMessage> read_tlsa_message(std::span<const std::uint8_t> packet, const DnsName& name) {
  const auto message = Message::read(packet);
  if (!message) return message.error();
  TlsaMessage result;
  DnsName at = name;
  while (result.links.size() < most_links) {
    const auto aliases = targets(*message, at, ns_t_cname);
    if (!aliases) return aliases.error();
    if (aliases->size() > 1) return unreadable(fmt::format("{} has two aliases", at.text()));
    if (aliases->empty()) {
      auto records = records_at(*message, at);
      if (!records) return records.error();
      auto link = last_link(*message, at, *records);
      if (!link) return link.error();
      result.links.push_back(*std::move(link));
      result.records = *std::move(records);
      return result;
    }
    auto link = alias_link(*message, at, aliases->front());
    if (!link) return link.error();
    result.links.push_back(*std::move(link));
    at = aliases->front();
  }
  return unreadable(fmt::format("the aliases of {} have no end", name.text()));
}

std::optional<DnsName> read_alias(std::span<const std::uint8_t> packet, const DnsName& name) {
  const auto message = Message::read(packet);
  if (!message) return std::nullopt;
  const auto aliases = targets(*message, name, ns_t_cname);
  if (!aliases || aliases->size() != 1) return std::nullopt;
  return aliases->front();
}

std::vector<DnsName> read_aliases(std::span<const std::uint8_t> packet, const DnsName& name) {
  std::vector<DnsName> names{name};
  while (names.size() < most_links) {
    const auto target = read_alias(packet, names.back());
    if (!target) return names.size() > 1 ? names : std::vector<DnsName>{};
    names.push_back(*target);
  }
  return names;
}

std::optional<MxRecord> read_mx(std::string_view rdata) {
  constexpr std::size_t preference = 2;
  if (rdata.size() <= preference) return std::nullopt;
  const std::vector<std::uint8_t> octets(rdata.begin(), rdata.end());
  std::array<char, NS_MAXDNAME> text{};
  const std::uint8_t* const end = octets.data() + octets.size();
  const std::uint8_t* const name = octets.data() + preference;
  if (dn_expand(octets.data(), end, name, text.data(), static_cast<int>(text.size())) < 0) return std::nullopt;
  MxRecord record{static_cast<std::uint16_t>(ns_get16(octets.data())), text.data(), {}};
  if (record.text.empty()) {
    record.exchange = DnsName{};
  } else if (const auto parsed = DnsName::parse(record.text)) {
    record.exchange = *parsed;
  }
  return record;
}

std::optional<std::string> read_text(std::string_view rdata) {
  std::string text;
  while (!rdata.empty()) {
    const std::size_t length = static_cast<unsigned char>(rdata.front());
    if (rdata.size() < 1 + length) return std::nullopt;
    text += rdata.substr(1, length);
    rdata.remove_prefix(1 + length);
  }
  return text;
}

Result<NsMessage> read_ns_message(std::span<const std::uint8_t> packet, const DnsName& apex) {
  const auto message = Message::read(packet);
  if (!message) return message.error();
  auto servers = targets(*message, apex, ns_t_ns);
  if (!servers) return servers.error();
  if (servers->empty()) return unreadable(fmt::format("no NS record at {}", apex.text()));
  const auto signature = signature_of(*message, message->answer(), apex, ns_t_ns);
  if (!signature) return signature.error();
  if (signature->signer != apex) return unreadable(fmt::format("{} is no zone of its own", apex.text()));
  return NsMessage{*std::move(servers), signature->ttl};
}

std::optional<WallTime> read_soa_signed(std::span<const std::uint8_t> packet, const DnsName& apex) {
  const auto message = Message::read(packet);
  if (!message) return std::nullopt;
  const auto signature = signature_of(*message, message->answer(), apex, ns_t_soa);
  if (!signature || signature->signer != apex) return std::nullopt;
  return signature->first_begins;
}

bool host_is_from_wildcard(std::span<const std::uint8_t> packet, const DnsName& host) {
  const auto message = Message::read(packet);
  if (!message) return false;
  constexpr std::array<int, 3> types{ns_t_a, ns_t_aaaa, ns_t_cname};
  return std::any_of(types.begin(), types.end(), [&](int type) {
    const auto signature = signature_of(*message, message->answer(), host, type);
    return signature && signature->labels < host.labels();
  });
}

std::optional<PlainAnswer> read_plain_answer(std::span<const std::uint8_t> packet, const PlainQuery& query) {
  constexpr std::uint8_t is_answer = 0x80;
  constexpr std::uint8_t authority = 0x04;
  constexpr std::uint8_t truncation = 0x02;
  if (packet.size() < header_length || (packet[0] << 8 | packet[1]) != query.id || (packet[2] & is_answer) == 0) {
    return std::nullopt;
  }
  PlainAnswer answer;
  answer.rcode = packet[3] & 0x0f;
  const bool error = answer.rcode != ns_r_noerror && answer.rcode != ns_r_nxdomain;
  if (!repeats(packet, query).value_or(error)) return std::nullopt;
  answer.authoritative = (packet[2] & authority) != 0;
  answer.truncated = (packet[2] & truncation) != 0;
  answer.records = static_cast<std::size_t>(packet[6] << 8 | packet[7]);
  if (query.type == ns_t_soa && answer.rcode == ns_r_noerror) answer.serial = serial_at(packet, query.name);
  if (query.type == ns_t_ns) answer.packet.assign(packet.begin(), packet.end());
  return answer;
}

}  // namespace danectl
