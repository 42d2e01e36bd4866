#include "system/web/https_policy_server.hpp"

#include "system/probe/probe_hosts.hpp"

#include <fmt/format.h>

#include <chrono>
#include <exception>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

namespace danectl {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using std::chrono::steady_clock;

constexpr std::uint64_t longest_policy = 64UL * 1024;  // RFC 8461 section 3.3 leaves it to the client
constexpr std::uint16_t https = 443;

class Fetch {
 public:
  Fetch(std::string host, steady_clock::time_point end) : host_(std::move(host)), end_(end) {
    tls_.set_default_verify_paths();
    tls_.set_verify_mode(asio::ssl::verify_peer);
    tls_.set_verify_callback(asio::ssl::host_name_verification(host_));
  }

  Result<std::string> from(const std::string& address) {
    result_ = failed("no answer");
    asio::co_spawn(io_, get(address), [&](const std::exception_ptr& error) {
      if (error) result_ = failed(text_of(error));
    });
    io_.run();
    io_.restart();
    return std::move(result_);
  }

 private:
  static std::string text_of(const std::exception_ptr& error) {
    try {
      std::rethrow_exception(error);
    } catch (const boost::system::system_error& known) {
      return known.code() == beast::error::timeout ? "no answer in time" : known.code().message();
    } catch (const std::exception& other) {
      return other.what();
    }
  }

  asio::awaitable<void> get(std::string address) {
    beast::ssl_stream<beast::tcp_stream> stream(io_, tls_);
    auto& socket = beast::get_lowest_layer(stream);
    socket.expires_at(end_);
    if (SSL_set_tlsext_host_name(stream.native_handle(), host_.c_str()) != 1) co_return;
    co_await socket.async_connect({asio::ip::make_address(address), https}, asio::use_awaitable);
    co_await stream.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
    http::request<http::empty_body> request(http::verb::get, "/.well-known/mta-sts.txt", 11);
    request.set(http::field::host, host_);
    request.set(http::field::user_agent, "danectl");
    co_await http::async_write(stream, request, asio::use_awaitable);
    http::response_parser<http::string_body> parser;
    parser.body_limit(longest_policy);
    beast::flat_buffer buffer;
    co_await http::async_read(stream, buffer, parser, asio::use_awaitable);
    // Not closed by TLS: the answer has its length, and many servers only hang up.
    if (parser.get().result() == http::status::ok) {
      result_ = std::move(parser.get().body());
    } else {
      result_ = failed(fmt::format("the server answers {}", parser.get().result_int()));
    }
  }

  const std::string host_;
  const steady_clock::time_point end_;
  Result<std::string> result_ = failed("not asked");
  asio::ssl::context tls_{asio::ssl::context::tls_client};
  asio::io_context io_;
};

Result<std::string> fetch(const std::string& host, const ProbeResult& found, Seconds limit) {
  Fetch fetch(host, steady_clock::now() + limit);
  Result<std::string> last = failed(fmt::format("{} has no address that can be reached", host));
  for (const ProbedAddress& address : found.addresses) {
    if (address.kind != ProbedAddress::Kind::probed) {
      if (!address.why.empty()) last = failed(address.why);
      continue;
    }
    last = fetch.from(address.address);
    if (last) break;
    last = failed(fmt::format("{} ({}): {}", host, address.address, last.error().what));
  }
  return last;
}

}  // namespace

Result<std::string> HttpsPolicyServer::policy_of(const DnsName& domain) {
  const std::string host = "mta-sts." + domain.text();
  const auto url = ProbeUrl::parse(fmt::format("tls://{}:{}", host, https));
  if (!url) return url.error();
  try {
    return fetch(host, find_probe_hosts(config_, {*url}).front(), config_.probe_timeout);
  } catch (const std::exception& error) {
    return failed(error.what());
  }
}

}  // namespace danectl
