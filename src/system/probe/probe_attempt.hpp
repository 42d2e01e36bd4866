// One handshake of a probe: connection, greeting, STARTTLS, TLS, and a polite end.
#pragma once

#include "ports/server_probe.hpp"

#include <chrono>
#include <string>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>

namespace danectl {

struct ProbeTarget {
  const ProbeUrl& url;
  const std::string& address;
  const std::string& host_name;  // of this host, for EHLO; may be empty
  Seconds limit;
  std::chrono::steady_clock::time_point end;  // when the limit is over
};

// `context` offers these keys. Nothing is thrown but std::bad_alloc; at most a second is spent on the polite end.
boost::asio::awaitable<Handshake> try_handshake(boost::asio::io_context& io, boost::asio::ssl::context& context,
                                                const ProbeTarget& target, OfferedKeys keys, ServerName name);

}  // namespace danectl
