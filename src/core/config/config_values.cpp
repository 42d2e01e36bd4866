#include "core/config/config_values.hpp"

#include "core/dns/ip_address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace danectl {

namespace {

struct HostAndPort {
  std::string_view host;
  std::string_view port;  // empty: none
};

// "HOST", "HOST:PORT", "[V6]", "[V6]:PORT"; an address with more than one colon and no brackets is all host.
Result<HostAndPort> split_port(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return invalid(fmt::format("'{}' has no closing bracket", text));
    const std::string_view rest = text.substr(end + 1);
    if (rest.empty()) return HostAndPort{text.substr(1, end - 1), {}};
    if (rest.front() != ':' || rest.size() == 1) return invalid(fmt::format("'{}' has no usable port", text));
    return HostAndPort{text.substr(1, end - 1), rest.substr(1)};
  }
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || text.find(':', colon + 1) != std::string_view::npos) {
    return HostAndPort{text, {}};
  }
  if (colon + 1 == text.size()) return invalid(fmt::format("'{}' has no usable port", text));
  return HostAndPort{text.substr(0, colon), text.substr(colon + 1)};
}

bool is_bracketed_v4(std::string_view text, const IpAddress& address) {
  return text.starts_with('[') && !address.is_v6();
}

}  // namespace

Result<std::string> absolute_path(std::string_view text) {
  if (!text.starts_with('/')) {
    return invalid(fmt::format("'{}' is not an absolute path", text), "write the whole path, from the root '/'");
  }
  while (text.size() > 1 && text.ends_with('/')) text.remove_suffix(1);
  return std::string(text);
}

Result<std::string> absolute_path_or_none(std::string_view text) {
  if (text.empty()) return std::string();
  return absolute_path(text);
}

Result<std::string> program(std::string_view text) {
  if (const Status status = check_command({std::string(text)}); !status) return status.error();
  return std::string(text);
}

Status check_command(const std::vector<std::string>& argv) {
  if (argv.empty() || argv.front().empty()) {
    return invalid("a command without a program", "the first string of a command is the program");
  }
  const std::string& program = argv.front();
  if (program.find('/') == std::string::npos) {
    if (program.find_first_of(" \t\n") == std::string::npos) return {};
    return invalid(fmt::format("'{}' has a blank in the name of the program", program),
                   "each argument is a string of its own: [\"systemctl\", \"reload\", \"postfix\"]");
  }
  if (program.front() == '/') return {};
  return invalid(fmt::format("the program '{}' is relative to a folder", program),
                 "give its absolute path, or its name alone to find it on PATH");
}

Result<Seconds> positive_duration(std::string_view text) {
  auto span = parse_duration(text);
  if (span.ok() && *span <= Seconds{0}) return invalid(fmt::format("'{}' is too short", text), "at least 1s");
  return span;
}

Result<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (problem != std::errc{} || end != text.data() + text.size() || port == 0) {
    return invalid(fmt::format("'{}' is not a port", text), "a port is a number from 1 to 65535");
  }
  return port;
}

Result<std::string> dns_server(std::string_view text) {
  const auto parts = split_port(text);
  if (!parts) return parts.error();
  const auto address = IpAddress::parse(parts->host);
  if (!address || is_bracketed_v4(text, *address)) {
    return invalid(fmt::format("'{}' is not the address of a resolver", text));
  }
  if (parts->port.empty()) return address->text();
  const auto port = parse_port(parts->port);
  if (!port) return port.error();
  return fmt::format("{}@{}", address->text(), *port);
}

Result<std::string> update_server(std::string_view text) {
  if (text.empty()) return std::string();
  const auto parts = split_port(text);
  if (!parts) return parts.error();
  std::string host;
  if (const auto address = IpAddress::parse(parts->host); address.ok()) {
    host = address->text();
  } else {
    const auto name = DnsName::parse(parts->host);
    if (!name || name->is_root() || text.starts_with('[') || ends_in_number(parts->host)) {
      return invalid(fmt::format("'{}' is no name or address of a server", text));
    }
    host = name->text();
  }
  if (parts->port.empty()) return host;
  const auto port = parse_port(parts->port);
  if (!port) return port.error();
  return fmt::format("{} {}", host, *port);
}

Result<PublishMethod> publish_method(std::string_view text) {
  if (text == "print") return PublishMethod::print;
  if (text == "nsupdate") return PublishMethod::nsupdate;
  if (text == "include") return PublishMethod::include;
  if (text == "hook") return PublishMethod::hook;
  return invalid(fmt::format("'{}' is not a way to publish", text));
}

Result<unsigned> key_file_mode(std::string_view text) {
  constexpr unsigned owner_and_group = 0660;
  constexpr unsigned owner_reads = 0400;
  unsigned mode = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
  if (problem != std::errc{} || end != text.data() + text.size() || text.size() < 3 || text.size() > 4) {
    return invalid(fmt::format("'{}' is not an octal file mode", text));
  }
  if ((mode & ~owner_and_group) != 0) {
    return invalid(fmt::format("'{}' is too wide for a private key", text),
                   "only the owner and the group may read or write it: \"0600\" or \"0640\"");
  }
  if ((mode & owner_reads) == 0) {
    return invalid(fmt::format("'{}' keeps the owner from reading the key", text));
  }
  return mode;
}

std::string duration_text(Seconds span) {
  const auto count = span.count();
  if (count != 0 && count % 86400 == 0) return fmt::format("{}d", count / 86400);
  if (count != 0 && count % 3600 == 0) return fmt::format("{}h", count / 3600);
  if (count != 0 && count % 60 == 0) return fmt::format("{}m", count / 60);
  return fmt::format("{}s", count);
}

}  // namespace danectl
