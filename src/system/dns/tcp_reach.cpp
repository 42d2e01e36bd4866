#include "system/dns/tcp_reach.hpp"

#include "system/host/descriptor.hpp"
#include "system/host/socket_address.hpp"

#include <cerrno>
#include <chrono>
#include <system_error>

#include <poll.h>

namespace danectl {
namespace {

using std::chrono::steady_clock;

struct Attempt {
  std::string address;
  Descriptor socket;
};

std::string text_of(int error) {
  return error == ECONNREFUSED ? "connection refused" : std::generic_category().message(error);
}

int begin(Attempt& attempt) {
  const auto target = SocketAddress::of(attempt.address, dns_port);
  if (!target) return EINVAL;
  attempt.socket = Descriptor(::socket(target->storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!attempt.socket) return errno;
  return ::connect(attempt.socket.get(), target->get(), target->length) == 0 ? 0 : errno;
}

int error_of(const Attempt& attempt) {
  int error = 0;
  socklen_t length = sizeof error;
  return ::getsockopt(attempt.socket.get(), SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : errno;
}

}  // namespace

std::map<std::string, std::string> not_reached_by_tcp(const std::vector<std::string>& addresses, Milliseconds limit) {
  const auto end = steady_clock::now() + limit;
  std::map<std::string, std::string> why;
  std::vector<Attempt> open;
  for (const std::string& address : addresses) {
    Attempt attempt{address, {}};
    const int error = begin(attempt);
    if (error == EINPROGRESS) {
      open.push_back(std::move(attempt));
    } else if (error != 0) {
      why[address] = text_of(error);
    }
  }
  while (!open.empty()) {
    const auto left = std::chrono::ceil<Milliseconds>(end - steady_clock::now());
    std::vector<pollfd> descriptors;
    descriptors.reserve(open.size());
    for (const Attempt& attempt : open) descriptors.push_back({attempt.socket.get(), POLLOUT, 0});
    if (left <= Milliseconds{0}) break;
    if (::poll(descriptors.data(), descriptors.size(), static_cast<int>(left.count())) <= 0) continue;
    std::vector<Attempt> still_open;
    for (std::size_t i = 0; i < open.size(); ++i) {
      if (descriptors[i].revents == 0) {
        still_open.push_back(std::move(open[i]));
      } else if (const int error = error_of(open[i]); error != 0) {
        why[open[i].address] = text_of(error);
      }
    }
    open = std::move(still_open);
  }
  for (const Attempt& attempt : open) why[attempt.address] = "no answer";
  return why;
}

}  // namespace danectl
