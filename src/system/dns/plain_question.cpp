#include "system/dns/plain_question.hpp"

#include "system/dns/rcode.hpp"
#include "system/host/descriptor.hpp"
#include "system/host/socket_address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <random>
#include <span>
#include <system_error>

#include <poll.h>

namespace danectl {
namespace {

using std::chrono::steady_clock;

// What an answer over UDP should not exceed (RFC 9715); one that does is taken all the same.
constexpr unsigned udp_size = 1232;
constexpr std::size_t longest_answer = 4096;
// To one server: a burst must fit into its socket.
constexpr std::size_t most_in_flight = 64;
// A descriptor each.
constexpr std::size_t most_servers = 256;

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

std::vector<std::uint8_t> question_packet(std::uint16_t id, const DnsName& name, int type) {
  // TLSA records as a validating resolver asks for them; nobody wants the signatures of anything else.
  const unsigned flags = type == ns_t_tlsa ? 0x8000 : 0;  // DO
  std::vector<std::uint8_t> packet;
  put16(packet, id);
  for (const unsigned field : {0U, 1U, 0U, 0U, 1U}) put16(packet, field);  // no recursion; one question, one OPT
  put_name(packet, name);
  put16(packet, static_cast<unsigned>(type));
  put16(packet, ns_c_in);
  packet.push_back(0);
  put16(packet, ns_t_opt);
  put16(packet, udp_size);
  for (const unsigned field : {0U, flags, 0U}) put16(packet, field);
  return packet;
}

// All questions to one address.
struct Line {
  std::deque<PlainQuestion*> waiting;
  std::map<std::uint16_t, PlainQuestion*> in_flight;
  Descriptor socket;

  [[nodiscard]] bool idle() const { return waiting.empty() && in_flight.empty(); }
  void close() {
    waiting.clear();
    in_flight.clear();
    socket = {};
  }
};

class Round {
 public:
  void add(PlainQuestion& question) {
    auto [at, added] = by_address_.try_emplace(question.address, nullptr);
    if (added) at->second = &lines_.emplace_back();
    at->second->waiting.push_back(&question);
  }

  void run(steady_clock::time_point end) {
    while (true) {
      begin();
      lines_.remove_if([](const Line& line) { return line.idle(); });
      const auto left = std::chrono::ceil<Milliseconds>(end - steady_clock::now());
      if (lines_.empty()) return;
      if (left <= Milliseconds{0}) return give_up();
      wait(left);
    }
  }

 private:
  void begin() {
    std::size_t open = 0;
    for (Line& line : lines_) {
      if (open >= most_servers) return;
      send_more(line);
      if (line.socket) ++open;
    }
  }

  void send_more(Line& line) {
    while (!line.waiting.empty() && line.in_flight.size() < most_in_flight) {
      PlainQuestion& question = *line.waiting.front();
      if (!line.socket && !open(line, question.address)) return line.close();
      const auto id = static_cast<std::uint16_t>(random_() & 0xffff);
      if (line.in_flight.contains(id)) continue;
      const auto packet = question_packet(id, question.name, question.type);
      if (::send(line.socket.get(), packet.data(), packet.size(), MSG_NOSIGNAL) < 0) return fail(line);
      question.why = "no answer";
      line.waiting.pop_front();
      line.in_flight.emplace(id, &question);
    }
  }

  static bool open(Line& line, const std::string& address) {
    const auto target = SocketAddress::of(address, dns_port);
    if (!target) return false;
    line.socket = Descriptor(::socket(target->storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    return line.socket && ::connect(line.socket.get(), target->get(), target->length) == 0;
  }

  void wait(Milliseconds limit) {
    std::vector<pollfd> descriptors;
    std::vector<Line*> polled;
    for (Line& line : lines_) {
      if (!line.socket) continue;
      descriptors.push_back({line.socket.get(), POLLIN, 0});
      polled.push_back(&line);
    }
    if (::poll(descriptors.data(), descriptors.size(), static_cast<int>(limit.count())) <= 0) return;
    for (std::size_t i = 0; i < polled.size(); ++i) {
      if (descriptors[i].revents != 0) take_answers(*polled[i]);
    }
  }

  static void take_answers(Line& line) {
    std::array<std::uint8_t, longest_answer> packet{};
    while (!line.in_flight.empty()) {
      const ssize_t length = ::recv(line.socket.get(), packet.data(), packet.size(), MSG_DONTWAIT);
      if (length >= 0) {
        take(line, {packet.data(), static_cast<std::size_t>(length)});
      } else if (errno == EAGAIN || errno == EINTR) {
        return;
      } else {
        return fail(line);
      }
    }
  }

  static void take(Line& line, std::span<const std::uint8_t> packet) {
    if (packet.size() < 2) return;
    const auto id = static_cast<std::uint16_t>(packet[0] << 8 | packet[1]);
    const auto found = line.in_flight.find(id);
    if (found == line.in_flight.end()) return;
    PlainQuestion& question = *found->second;
    question.answer = read_plain_answer(packet, {id, question.name, question.type});
    if (!question.answer) return;
    question.why.clear();
    line.in_flight.erase(found);
  }

  void give_up() {
    for (const Line& line : lines_) {
      for (PlainQuestion* const question : line.waiting) {
        question->why = line.socket ? "not asked: no answer to other questions" : "not asked: the time was over";
      }
    }
  }

  // One closed port speaks for all questions to it.
  static void fail(Line& line) {
    const int error = errno;
    const bool refused = error == ECONNREFUSED;
    const std::string why = refused ? "connection refused" : std::generic_category().message(error);
    const auto tell = [&](PlainQuestion& question) {
      question.refused = refused;
      question.why = why;
    };
    for (const auto& [id, question] : line.in_flight) tell(*question);
    for (PlainQuestion* const question : line.waiting) tell(*question);
    line.close();
  }

  std::list<Line> lines_;
  std::map<std::string, Line*> by_address_;
  std::random_device random_;
};

}  // namespace

void ask_plainly(std::vector<PlainQuestion>& questions, Milliseconds limit) {
  if (limit <= Milliseconds{0}) return;
  const auto end = steady_clock::now() + limit;
  Round round;
  for (PlainQuestion& question : questions) {
    if (!question.answer) round.add(question);
  }
  round.run(end);
}

std::string refusal_text(const PlainAnswer& answer) {
  if (answer.rcode != ns_r_noerror && answer.rcode != ns_r_nxdomain) return rcode_text(answer.rcode);
  return answer.authoritative ? "" : "it does not answer for the zone (the answer is without authority)";
}

}  // namespace danectl
