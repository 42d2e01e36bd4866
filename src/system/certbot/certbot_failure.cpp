#include "system/certbot/certbot_failure.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace danectl {
namespace {

using Lines = std::vector<std::string_view>;

constexpr std::string_view acme_error = "urn:ietf:params:acme:error:";
constexpr std::string_view locked_out = "Another instance of Certbot";
constexpr std::string_view port_in_use = "Could not bind";
// No connection, or one that broke or timed out.
constexpr std::array<std::string_view, 11> network{
    "Connection refused",        "timed out",          "Timeout",
    "Connection reset",          "Connection aborted", "Network is unreachable",
    "No route to host",          "name resolution",    "Name or service not known",
    "Failed to establish a new", "Remote end closed"};
constexpr std::size_t lines_shown = 12;

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != text.npos;
}

template <std::size_t N>
bool has_any(std::string_view text, const std::array<std::string_view, N>& parts) {
  return std::any_of(parts.begin(), parts.end(), [&](std::string_view part) { return has(text, part); });
}

// What certbot prints around every failure, and its rulers.
bool says_nothing(std::string_view line) {
  constexpr std::array<std::string_view, 7> always{"Saving debug log to ",
                                                   " failed. The following certificates could not be renewed:",
                                                   " renew failure(s), ",
                                                   "Ask for help or search for solutions at ",
                                                   "fullchain.pem (failure)",
                                                   "An unexpected error occurred:",
                                                   "Renewing an existing certificate for "};
  return line.find_first_not_of(" -\r") == line.npos || has_any(line, always) || line.starts_with("Processing") ||
         (line.starts_with('/') && line.ends_with(".conf"));
}

Lines telling_lines(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    if (const auto line = text.substr(0, end); !says_nothing(line)) lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string sentence_of(const Lines& lines) {
  for (const auto line : lines) {
    const auto at = line.find(" with error: ");
    if (line.starts_with("Failed to renew certificate ") && at != line.npos) return std::string(line.substr(at + 13));
    if (line.starts_with("Renewal configuration file ")) return std::string(line);
  }
  return lines.empty() ? "certbot did not say why" : std::string(lines.back());
}

// An ACME error (RFC 8555 section 6.7) is what the CA itself wrote, and its text may contain any word: only its type
// counts. Without one, it is certbot's or Python's sentence.
bool is_temporary(std::string_view text) {
  // badNonce: the client may simply ask again (RFC 8555 section 6.5).
  constexpr std::array<std::string_view, 3> types{"acme:error:rateLimited", "acme:error:serverInternal",
                                                  "acme:error:badNonce"};
  constexpr std::array<std::string_view, 3> sentences{locked_out, port_in_use, "<Response [5"};
  return has(text, acme_error) ? has_any(text, types) : has_any(text, sentences) || has_any(text, network);
}

// The address at which the CA takes orders (RFC 8555 section 7.1.1), as certbot has logged its directory.
std::string_view order_address(std::string_view log) {
  constexpr std::string_view key = "\"newOrder\"";
  const auto at = log.find(key);
  if (at == log.npos) return {};
  auto rest = log.substr(at + key.size());
  rest.remove_prefix(std::min(rest.find_first_not_of(" :\r\n\t\""), rest.size()));
  return rest.substr(0, rest.find('"'));
}

// Whether the log proves that no order was sent. It proves that only if it goes on to the failure, because a full disk
// loses lines.
bool has_no_order(std::string_view log, const std::string& sentence) {
  const auto address = order_address(log);
  return has(log, sentence) && !has(log, "Sending POST request to " + std::string(address));
}

bool came_before_an_order(const Outcome& outcome, const std::string& sentence, std::string_view log) {
  constexpr int usage_error = 2;  // of Python's argparse
  constexpr std::array<std::string_view, 4> own{locked_out, port_in_use, "Renewal configuration file ",
                                                "Unable to change the --"};
  if (outcome.timed_out || outcome.signal != 0 || has(sentence, acme_error)) return false;
  if (outcome.exit_code == usage_error || has_any(sentence, own)) return true;
  // The network may fail after the CA has taken an order.
  return has_any(sentence, network) && has_no_order(log, sentence);
}

}  // namespace

CertbotFailure read_certbot_failure(const Outcome& outcome, std::string_view log) {
  // What the challenges failed of is on standard output, the reason of the whole on standard error.
  const auto err = telling_lines(outcome.err);
  auto shown = telling_lines(outcome.out);
  shown.insert(shown.end(), err.begin(), err.end());

  CertbotFailure failure;
  failure.sentence = outcome.signal != 0 || outcome.timed_out ? outcome.text() : sentence_of(err);
  failure.temporary = outcome.timed_out || is_temporary(failure.sentence);
  failure.ordered = !came_before_an_order(outcome, failure.sentence, log);
  failure.locked = has(failure.sentence, locked_out);
  for (auto at = shown.end() - std::min<std::ptrdiff_t>(std::ssize(shown), lines_shown); at != shown.end(); ++at) {
    failure.last_lines.append("\n    ").append(*at);
  }
  return failure;
}

}  // namespace danectl
