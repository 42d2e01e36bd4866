// What a server says before TLS, of any octets and cut anywhere: TLS never begins with octets left over, and no message
// or command can carry a control character.
#include "fuzz/demand.hpp"

#include "system/probe/starttls_dialogue.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace {

using danectl::StarttlsDialogue;

bool printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

void talk(StarttlsDialogue& dialogue, std::string_view octets, std::size_t piece) {
  using Next = StarttlsDialogue::Step::Next;
  for (std::size_t at = 0; at < octets.size(); at += piece) {
    auto step = dialogue.take(octets.substr(at, piece));
    while (step.next == Next::send) {
      demand(step.text.ends_with("\r\n") && printable({step.text.data(), step.text.size() - 2}));
      step = dialogue.take({});
    }
    if (step.next == Next::begin_tls) demand(octets.substr(0, at + piece).ends_with('\n'));
    if (step.next == Next::give_up) demand(!step.text.empty() && printable(step.text));
    if (step.next != Next::read) return;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  for (const char* scheme : {"smtp", "imap", "pop3"}) {
    talk(*danectl::starttls_dialogue(scheme, "mx.example.com"), text.substr(1), bytes[0] % 64U + 1);
  }
  return 0;
}
