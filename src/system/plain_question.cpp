#include "system/plain_question.hpp"

#include "system/descriptor.hpp"
#include "system/socket_address.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <random>

#include <arpa/nameser.h>
#include <poll.h>

namespace danectl {
namespace {

using std::chrono::steady_clock;

constexpr std::uint16_t dns_port = 53;
constexpr std::uint8_t qr = 0x80;
constexpr std::uint8_t aa = 0x04;
constexpr std::size_t header_length = 12;

void put16(std::vector<std::uint8_t>& packet, unsigned value) {
  packet.push_back(static_cast<std::uint8_t>(value >> 8));
  packet.push_back(static_cast<std::uint8_t>(value & 0xff));
}

void put_name(std::vector<std::uint8_t>& packet, const DnsName& name) {
  for (DnsName at = name; !at.is_root(); at = at.parent()) {
    const std::string label = at.text().substr(0, at.text().find('.'));
    packet.push_back(static_cast<std::uint8_t>(label.size()));
    packet.insert(packet.end(), label.begin(), label.end());
  }
  packet.push_back(0);
}

std::vector<std::uint8_t> question_packet(std::uint16_t id, const DnsName& name) {
  constexpr unsigned udp_size = 1232;
  constexpr unsigned dnssec_ok = 0x8000;
  std::vector<std::uint8_t> packet;
  put16(packet, id);
  for (const unsigned field : {0U, 1U, 0U, 0U, 1U}) put16(packet, field);  // no recursion; one question, one OPT
  put_name(packet, name);
  put16(packet, ns_t_tlsa);
  put16(packet, ns_c_in);
  packet.push_back(0);
  put16(packet, ns_t_opt);
  put16(packet, udp_size);
  for (const unsigned field : {0U, dnssec_ok, 0U}) put16(packet, field);
  return packet;
}

std::string answer_text(const std::array<std::uint8_t, 512>& packet) {
  switch (packet[3] & 0x0f) {
    case ns_r_noerror:
    case ns_r_nxdomain:
      break;
    case ns_r_formerr:
      return "FORMERR";
    case ns_r_servfail:
      return "SERVFAIL";
    case ns_r_notimpl:
      return "NOTIMP";
    case ns_r_refused:
      return "REFUSED";
    case ns_r_notauth:
      return "NOTAUTH";
    default:
      return "rcode " + std::to_string(packet[3] & 0x0f);
  }
  return (packet[2] & aa) == 0 ? "it does not answer for the zone (the answer is without authority)"
                               : "its answer could not be validated";
}

struct Asked {
  PlainQuestion* question;
  Descriptor socket;
  std::uint16_t id;
};

void send_question(Asked& asked) {
  const auto target = SocketAddress::of(asked.question->address, dns_port);
  if (!target) return;
  Descriptor socket(::socket(target->storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const auto packet = question_packet(asked.id, asked.question->name);
  if (!socket || ::connect(socket.get(), target->get(), target->length) != 0 ||
      ::send(socket.get(), packet.data(), packet.size(), MSG_NOSIGNAL) < 0) {
    return;
  }
  asked.question->why = "no answer";
  asked.socket = std::move(socket);
}

// Whether the question is done with.
bool take_answer(Asked& asked) {
  std::array<std::uint8_t, 512> packet{};
  const ssize_t length = ::recv(asked.socket.get(), packet.data(), packet.size(), MSG_DONTWAIT);
  if (length < 0) {
    if (errno == EAGAIN || errno == EINTR) return false;
    asked.question->refused = errno == ECONNREFUSED;
    asked.question->why = asked.question->refused ? "connection refused" : std::generic_category().message(errno);
    return true;
  }
  const bool ours = static_cast<std::size_t>(length) >= header_length && (packet[0] << 8 | packet[1]) == asked.id &&
                    (packet[2] & qr) != 0;
  if (ours) asked.question->why = answer_text(packet);
  return ours;
}

void take_answers(std::vector<Asked>& open, Milliseconds limit) {
  std::vector<pollfd> descriptors;
  for (const Asked& asked : open) descriptors.push_back({asked.socket.get(), POLLIN, 0});
  if (::poll(descriptors.data(), descriptors.size(), static_cast<int>(limit.count())) <= 0) return;
  for (std::size_t i = open.size(); i-- > 0;) {
    if (descriptors[i].revents != 0 && take_answer(open[i])) open.erase(open.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

}  // namespace

void ask_plainly(std::vector<PlainQuestion>& questions, Milliseconds limit) {
  const auto end = steady_clock::now() + limit;
  std::random_device random;
  std::vector<Asked> open;
  for (PlainQuestion& question : questions) {
    Asked asked{&question, {}, static_cast<std::uint16_t>(random() & 0xffff)};
    send_question(asked);
    if (asked.socket) open.push_back(std::move(asked));
  }
  while (!open.empty()) {
    const auto left = std::chrono::ceil<Milliseconds>(end - steady_clock::now());
    if (left <= Milliseconds{0}) return;
    take_answers(open, left);
  }
}

}  // namespace danectl
