// What a client says in plain text before TLS begins, without any I/O: it is fed what the server sends.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace danectl {

class StarttlsDialogue {
 public:
  struct Step {
    enum class Next { read, send, begin_tls, give_up };
    Next next = Next::read;
    std::string text;      // send: the command with its end of line; give_up: why
    bool for_now = false;  // give_up: the server itself says that it may be another time
  };

  virtual ~StarttlsDialogue() = default;

  // Any octets, lines need not be whole. After `send` it wants to be called with nothing, too: the next answer may have
  // come along with the last one. REQUIRES that neither begin_tls nor give_up was said.
  Step take(std::string_view octets);

  // For messages: "the greeting", "the answer to EHLO".
  [[nodiscard]] virtual std::string awaited() const = 0;

  // Whether the server has let us in: it has answered what comes after the greeting, and only STARTTLS is left.
  [[nodiscard]] bool greeted() const { return greeted_; }

 protected:
  virtual Step take_line(std::string_view line) = 0;
  bool greeted_ = false;

 private:
  Step take_lines();

  std::string unread_;
  int lines_ = 0;
};

// smtp and submission (RFC 3207), imap and pop3 (RFC 2595); for a scheme with TLS from the start: null. `helo_name` is
// what EHLO tells of this host: a name or an address literal.
std::unique_ptr<StarttlsDialogue> starttls_dialogue(std::string_view scheme, std::string helo_name);

// What a session begins with once TLS stands, for the schemes that tell by it whether they let a client in: the command
// to send, with its end of line (empty: the server speaks first).
std::string opening_of(std::string_view scheme, const std::string& helo_name);
enum class Welcome { incomplete, yes, no, not_now };  // not_now: a reply 4yz of SMTP
// What the server's answer amounts to; `yes` at once for schemes that are not asked.
Welcome welcome_of(std::string_view scheme, std::string_view answer);

// The first line of what a server said, fit for a message.
std::string shown_line(std::string_view text);

// The command that ends a session of the scheme politely, with its end of line; empty for "tls".
std::string_view farewell_of(std::string_view scheme);

}  // namespace danectl
