#include "system/probe/starttls_dialogue.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace danectl {
namespace {

using Step = StarttlsDialogue::Step;
using Next = StarttlsDialogue::Step::Next;

// Both far over what servers send. RFC 5321 has lines of 512 octets, and IMAP servers list their capabilities in one.
constexpr std::size_t longest_line = 8192;
constexpr int most_lines = 200;

Step send(std::string command) {
  return {Next::send, std::move(command), false};
}

Step give_up(std::string why) {
  return {Next::give_up, std::move(why), false};
}

// A server must not write to the terminal of who reads the message.
std::string shown(std::string_view line) {
  constexpr std::size_t enough = 120;
  std::string text(line.substr(0, enough));
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  if (line.size() > enough) text += "...";
  return text;
}

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

// Keywords of all these protocols are compared without regard to case. `word` is in upper case.
bool is(std::string_view text, std::string_view word) {
  return std::equal(text.begin(), text.end(), word.begin(), word.end(),
                    [](char given, char wanted) { return upper(given) == wanted; });
}

// Takes the first word off the line.
std::string_view take_word(std::string_view& line) {
  const std::size_t end = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

class Smtp : public StarttlsDialogue {
 public:
  explicit Smtp(std::string helo_name) : helo_name_(std::move(helo_name)) {}

  [[nodiscard]] std::string awaited() const override {
    if (state_ == State::greeting) return "the greeting";
    return state_ == State::ehlo ? "the answer to EHLO" : "the answer to STARTTLS";
  }

 protected:
  // A reply has lines "250-text" and ends with "250 text" or "250" (RFC 5321 section 4.2.1).
  Step take_line(std::string_view line) override {
    const std::string_view code = line.substr(0, 3);
    const bool digits = code.size() == 3 && code.find_first_not_of("0123456789") == code.npos;
    const bool first = code_.empty();
    if (!digits || (line.size() > 3 && line[3] != ' ' && line[3] != '-') || (!first && code_ != code)) {
      return give_up(fmt::format("{} is no reply of SMTP: {}", awaited(), shown(line)));
    }
    code_ = code;
    if (line.size() > 3 && !first) {  // the first line of an EHLO reply names the server
      std::string_view keyword = line.substr(4);
      offered_ = offered_ || (state_ == State::ehlo && is(take_word(keyword), "STARTTLS"));
    }
    if (line.size() > 3 && line[3] == '-') return {};
    return take_reply(std::exchange(code_, {}), line);
  }

 private:
  enum class State { greeting, ehlo, starttls };

  // 421, 450, 454: too many connections or TLS sessions, greylisting, a server that is just going down.
  static Step refused(const std::string& code, std::string why) {
    return {Next::give_up, std::move(why), code.front() == '4'};
  }

  Step take_reply(const std::string& code, std::string_view last_line) {
    switch (state_) {
      case State::greeting:
        if (code != "220") return refused(code, "the greeting is " + shown(last_line));
        state_ = State::ehlo;
        return send("EHLO " + helo_name_ + "\r\n");
      case State::ehlo:
        if (code != "250") return refused(code, "EHLO is refused: " + shown(last_line));
        greeted_ = true;
        if (!offered_) return give_up("STARTTLS is not offered");
        state_ = State::starttls;
        return send("STARTTLS\r\n");
      case State::starttls:
        break;
    }
    if (code != "220") return refused(code, "STARTTLS is refused: " + shown(last_line));
    return {Next::begin_tls, {}, false};
  }

  std::string helo_name_;
  State state_ = State::greeting;
  std::string code_;  // of the reply whose last line has not come yet
  bool offered_ = false;
};

class Imap : public StarttlsDialogue {
 public:
  [[nodiscard]] std::string awaited() const override {
    if (state_ == State::greeting) return "the greeting";
    return state_ == State::capability ? "the answer to CAPABILITY" : "the answer to STARTTLS";
  }

 protected:
  Step take_line(std::string_view line) override {
    std::string_view rest = line;
    const std::string_view tag = take_word(rest);
    const std::string_view status = take_word(rest);
    if (state_ == State::greeting) {
      // After "* PREAUTH" there is no STARTTLS (RFC 3501 section 6.2.1).
      if (tag != "*" || !is(status, "OK")) return give_up("the greeting is " + shown(line));
      state_ = State::capability;
      return send("a CAPABILITY\r\n");
    }
    if (tag == "*") return take_untagged(status, rest, line);
    const bool capability = state_ == State::capability;
    if (tag != (capability ? "a" : "b")) {
      return give_up(fmt::format("{} is no reply of IMAP: {}", awaited(), shown(line)));
    }
    if (!is(status, "OK")) {
      return give_up(fmt::format("{} is refused: {}", capability ? "CAPABILITY" : "STARTTLS", shown(line)));
    }
    if (!capability) return {Next::begin_tls, {}, false};
    greeted_ = true;
    if (!offered_) return give_up("STARTTLS is not offered");
    state_ = State::starttls;
    return send("b STARTTLS\r\n");
  }

 private:
  enum class State { greeting, capability, starttls };

  Step take_untagged(std::string_view status, std::string_view rest, std::string_view line) {
    if (is(status, "BYE")) return give_up("it ends the session: " + shown(line));
    if (!is(status, "CAPABILITY")) return {};
    while (!rest.empty()) offered_ = is(take_word(rest), "STARTTLS") || offered_;
    return {};
  }

  State state_ = State::greeting;
  bool offered_ = false;
};

class Pop3 : public StarttlsDialogue {
 public:
  [[nodiscard]] std::string awaited() const override {
    if (state_ == State::greeting) return "the greeting";
    return state_ == State::stls ? "the answer to STLS" : "the answer to CAPA";
  }

 protected:
  Step take_line(std::string_view line) override {
    if (state_ == State::capabilities) return take_capability(line);
    std::string_view rest = line;
    const std::string_view status = take_word(rest);
    const bool good = status == "+OK";
    if (!good && status != "-ERR" && state_ != State::greeting) {
      return give_up(fmt::format("{} is no reply of POP3: {}", awaited(), shown(line)));
    }
    switch (state_) {
      case State::greeting:
        if (!good) return give_up("the greeting is " + shown(line));
        state_ = State::capa;
        return send("CAPA\r\n");
      case State::capa:
        if (!good) return ask_for_tls();  // a server need not know CAPA (RFC 2449)
        state_ = State::capabilities;
        return {};
      default:
        break;
    }
    if (!good) return give_up("STLS is refused: " + shown(line));
    return {Next::begin_tls, {}, false};
  }

 private:
  enum class State { greeting, capa, capabilities, stls };

  Step take_capability(std::string_view line) {
    if (line != ".") {
      offered_ = offered_ || is(take_word(line), "STLS");
      return {};
    }
    greeted_ = true;
    return offered_ ? ask_for_tls() : give_up("STLS is not offered");
  }

  Step ask_for_tls() {
    greeted_ = true;
    state_ = State::stls;
    return send("STLS\r\n");
  }

  State state_ = State::greeting;
  bool offered_ = false;
};

}  // namespace

StarttlsDialogue::Step StarttlsDialogue::take(std::string_view octets) {
  unread_ += octets;
  Step step = take_lines();
  // Octets that came in plain text must never pass for what came over TLS (CVE-2011-0411).
  if (step.next == Next::begin_tls && !unread_.empty()) {
    return give_up("plain text came right behind the go-ahead for TLS: it may have been put there on the way");
  }
  return step;
}

StarttlsDialogue::Step StarttlsDialogue::take_lines() {
  while (true) {
    const std::size_t end = unread_.find('\n');
    if (std::min(end, unread_.size()) > longest_line) {
      return give_up(fmt::format("{} has a line of more than {} octets", awaited(), longest_line));
    }
    if (end == unread_.npos) return {};
    if (++lines_ > most_lines) return give_up(fmt::format("it sent more than {} lines of plain text", most_lines));
    std::string line = unread_.substr(0, end);
    unread_.erase(0, end + 1);
    if (line.ends_with('\r')) line.pop_back();
    if (Step step = take_line(line); step.next != Next::read) return step;
  }
}

std::unique_ptr<StarttlsDialogue> starttls_dialogue(std::string_view scheme, std::string helo_name) {
  if (scheme == "smtp" || scheme == "submission") return std::make_unique<Smtp>(std::move(helo_name));
  if (scheme == "imap") return std::make_unique<Imap>();
  if (scheme == "pop3") return std::make_unique<Pop3>();
  return nullptr;
}

std::string opening_of(std::string_view scheme, const std::string& helo_name) {
  return scheme == "smtp" || scheme == "submission" ? "EHLO " + helo_name + "\r\n" : std::string();
}

Welcome welcome_of(std::string_view scheme, std::string_view answer) {
  const bool by_code = scheme == "smtp" || scheme == "submission" || scheme == "smtps";
  if (!by_code && scheme != "imaps" && scheme != "pop3s") return Welcome::yes;
  std::string_view line;
  do {  // a reply goes on while its lines have '-' behind the code (RFC 5321 section 4.2.1)
    const std::size_t end = answer.find('\n');
    if (end == answer.npos) return Welcome::incomplete;
    line = answer.substr(0, end);
    answer.remove_prefix(end + 1);
  } while (by_code && line.size() > 3 && line[3] == '-');
  if (by_code && line.starts_with('4')) return Welcome::not_now;
  if (scheme == "smtps") return line.starts_with("220") ? Welcome::yes : Welcome::no;
  if (by_code) return line.starts_with("250") ? Welcome::yes : Welcome::no;
  if (scheme == "pop3s") return line.starts_with("+OK") ? Welcome::yes : Welcome::no;
  std::string_view rest = line;
  const bool untagged = take_word(rest) == "*";
  const std::string_view status = take_word(rest);
  return untagged && (is(status, "OK") || is(status, "PREAUTH")) ? Welcome::yes : Welcome::no;
}

std::string shown_line(std::string_view text) {
  return shown(text.substr(0, text.find_first_of("\r\n")));
}

std::string_view farewell_of(std::string_view scheme) {
  if (scheme == "tls") return {};
  return scheme.starts_with("imap") ? "z LOGOUT\r\n" : "QUIT\r\n";
}

}  // namespace danectl
