#include "system/probe/probe_attempt.hpp"

#include "system/probe/helo_name.hpp"
#include "system/probe/starttls_dialogue.hpp"
#include "system/probe/tls_offer.hpp"

#include <fmt/format.h>
#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <memory>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace danectl {
namespace {

namespace asio = boost::asio;
using asio::use_awaitable;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::steady_clock;

// A server that is slow to say goodbye must not use up the time for the other handshakes.
constexpr std::chrono::seconds time_for_farewell{1};
constexpr std::chrono::seconds time_for_session{3};
// Of EHLO; far over what servers send.
constexpr std::size_t longest_answer = 16384;

// OpenSSL's own number of an error of its library, in the SSL category of Boost.
unsigned long openssl_error(const error_code& error) {
  return static_cast<unsigned long>(static_cast<unsigned>(error.value()));
}

// For an error of OpenSSL its reason alone, in its words: some versions of Boost add the part of the library.
std::string message_of(const error_code& error) {
  const bool of_openssl = error.category() == asio::error::get_ssl_category();
  const char* const reason = of_openssl ? ERR_reason_error_string(openssl_error(error)) : nullptr;
  return reason != nullptr ? reason : error.message();
}

std::string cause_text(const error_code& error) {
  if (error == asio::error::eof || error == asio::ssl::error::stream_truncated) return "connection closed";
  if (error == asio::error::connection_reset || error == asio::error::broken_pipe) return "connection reset";
  std::string text = message_of(error);
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] - 'A' + 'a');
  return text;
}

class Attempt {
 public:
  Attempt(asio::io_context& io, asio::ssl::context& context, const ProbeTarget& target)
      : context_(context), target_(target), socket_(std::make_shared<tcp::socket>(io)), timer_(io) {}

  asio::awaitable<Handshake> run(OfferedKeys keys, ServerName name) {
    handshake_.offered = keys;
    handshake_.server_name = name;
    close_at(target_.end);
    try {
      co_await socket_->async_connect({asio::ip::make_address(target_.address), target_.url.port}, use_awaitable);
      handshake_.reached = Handshake::Reached::connected;
      handshake_.own_address = socket_->local_endpoint().address().to_string();
      if (auto dialogue = starttls_dialogue(target_.url.scheme, own_name())) co_await ask_for_tls(*dialogue);
      if (handshake_.why.empty()) co_await shake_hands();
    } catch (const boost::system::system_error& error) {
      explain(error.code());
    }
    timer_.cancel();
    close(*socket_);
    co_return std::move(handshake_);
  }

 private:
  static void close(tcp::socket& socket) {
    error_code ignored;
    socket.close(ignored);
  }

  // That ends whatever is waited for. The socket is shared since the handler may still be called after us.
  void close_at(steady_clock::time_point when) {
    timer_.expires_at(when);
    timer_.async_wait([socket = socket_](const error_code& cancelled) {
      if (!cancelled) close(*socket);
    });
  }

  std::string own_name() { return helo_name(target_.host_name, handshake_.own_address); }

  asio::awaitable<void> ask_for_tls(StarttlsDialogue& dialogue) {
    using Next = StarttlsDialogue::Step::Next;
    std::array<char, 4096> buffer;
    StarttlsDialogue::Step step;
    while (step.next != Next::begin_tls && step.next != Next::give_up) {
      waiting_ = " while waiting for " + dialogue.awaited();
      if (step.next == Next::send) {
        co_await asio::async_write(*socket_, asio::buffer(step.text), use_awaitable);
        step = dialogue.take({});
      } else {
        const std::size_t length = co_await socket_->async_read_some(asio::buffer(buffer), use_awaitable);
        step = dialogue.take({buffer.data(), length});
      }
      if (dialogue.greeted()) handshake_.reached = Handshake::Reached::greeted;
    }
    if (step.next == Next::begin_tls) co_return;
    handshake_.why = step.text;
    handshake_.refused_for_now = step.for_now;
    co_await take_leave(*socket_);
  }

  asio::awaitable<void> shake_hands() {
    handshake_.reached = Handshake::Reached::tls;
    waiting_ = " during the TLS handshake";
    asio::ssl::stream<tcp::socket&> stream(*socket_, context_);
    SSL* const ssl = stream.native_handle();
    if (handshake_.server_name == ServerName::sent) {
      if (auto sent = send_server_name(ssl, target_.url.host); !sent) {
        handshake_.why = sent.error().what;
        co_return;
      }
    }
    co_await stream.async_handshake(asio::ssl::stream_base::client, use_awaitable);
    take_chain(ssl);
    co_await leave_tls(stream);
  }

  void take_chain(const SSL* ssl) {
    auto chain = peer_chain(ssl);
    if (!chain) {
      handshake_.why = chain.error().what;
      return;
    }
    handshake_.kind = Handshake::Kind::presented;
    handshake_.chain = std::move(*chain);
    handshake_.protocol = SSL_get_version(ssl);
  }

  asio::awaitable<void> leave_tls(asio::ssl::stream<tcp::socket&>& stream) {
    error_code failed = co_await begin_session(stream);
    if (!failed) failed = co_await take_leave(stream);
    if (!failed) co_await stream.async_shutdown(asio::redirect_error(use_awaitable, failed));
    // A client certificate that is missed is complained of only now (RFC 8446 section 4.4.2.4).
    if (const auto alert = alert_of(failed)) handshake_.why = "alert: " + *alert;
  }

  // Whether the server lets a client in: behind the handshake it may still hang up, or refuse. No answer in the time
  // for it is no word either way.
  asio::awaitable<error_code> begin_session(asio::ssl::stream<tcp::socket&>& stream) {
    const std::string_view scheme = target_.url.scheme;
    const auto end = std::min(target_.end, steady_clock::now() + time_for_session);
    close_at(end);
    const std::string opening = opening_of(scheme, own_name());
    error_code failed;
    if (!opening.empty()) {
      co_await asio::async_write(stream, asio::buffer(opening), asio::redirect_error(use_awaitable, failed));
    }
    std::string answer;
    std::array<char, 4096> buffer;
    while (!failed && answer.size() < longest_answer && welcome_of(scheme, answer) == Welcome::incomplete) {
      const auto length =
          co_await stream.async_read_some(asio::buffer(buffer), asio::redirect_error(use_awaitable, failed));
      answer.append(buffer.data(), length);
    }
    const bool silent = failed && steady_clock::now() >= end;
    const Welcome welcome = welcome_of(scheme, answer);
    handshake_.refused_for_now = welcome == Welcome::not_now;
    if (welcome == Welcome::no || welcome == Welcome::not_now) handshake_.why = "it says: " + shown_line(answer);
    if (failed && !silent) handshake_.why = cause_text(failed);
    co_return failed;
  }

  // What goes wrong here matters no longer, but for what the server may say of the handshake.
  template <class Stream>
  asio::awaitable<error_code> take_leave(Stream& stream) {
    close_at(std::min(target_.end, steady_clock::now() + time_for_farewell));
    const std::string_view command = farewell_of(target_.url.scheme);
    error_code failed;
    if (command.empty()) co_return failed;
    std::array<char, 1024> answer;
    co_await asio::async_write(stream, asio::buffer(command), asio::redirect_error(use_awaitable, failed));
    if (!failed) co_await stream.async_read_some(asio::buffer(answer), asio::redirect_error(use_awaitable, failed));
    co_return failed;
  }

  static std::optional<std::string> alert_of(const error_code& error) {
    if (error.category() != asio::error::get_ssl_category()) return std::nullopt;
    return danectl::alert_of(openssl_error(error));
  }

  static bool is_closing(const error_code& error) {
    return error == asio::error::eof || error == asio::ssl::error::stream_truncated ||
           error == asio::error::connection_reset;
  }

  void explain(const error_code& error) {
    if (steady_clock::now() >= target_.end) {
      handshake_.why = fmt::format("no answer within {} s{}", target_.limit.count(), waiting_);
      handshake_.out_of_time = true;
    } else if (const auto alert = alert_of(error)) {
      handshake_.kind = Handshake::Kind::none;
      handshake_.why = "alert: " + *alert;
    } else if (error.category() == asio::error::get_ssl_category()) {
      handshake_.why = "the TLS handshake failed: " + cause_text(error);
    } else {
      handshake_.why = cause_text(error) + waiting_;
      handshake_.closed = handshake_.reached == Handshake::Reached::tls && is_closing(error);
    }
  }

  asio::ssl::context& context_;
  const ProbeTarget& target_;
  std::shared_ptr<tcp::socket> socket_;
  asio::steady_timer timer_;
  std::string waiting_;
  Handshake handshake_;
};

}  // namespace

asio::awaitable<Handshake> try_handshake(asio::io_context& io, asio::ssl::context& context, const ProbeTarget& target,
                                         OfferedKeys keys, ServerName name) {
  Attempt attempt(io, context, target);
  co_return co_await attempt.run(keys, name);
}

}  // namespace danectl
