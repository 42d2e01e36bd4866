#include "core/config/probe_url.hpp"

#include "core/config/config_values.hpp"
#include "core/dns/ip_address.hpp"

#include <fmt/format.h>

#include <array>

namespace danectl {

namespace {

constexpr const char* form =
    "write it as smtp://mx.example.com:25, or smtp://mx.example.com:25@192.0.2.1 for one address";

struct Scheme {
  std::string_view name;
  std::uint16_t port;  // 0: none of its own
};
constexpr std::array<Scheme, 8> schemes{{{"smtp", 25},
                                         {"submission", 587},
                                         {"imap", 143},
                                         {"pop3", 110},
                                         {"smtps", 465},
                                         {"imaps", 993},
                                         {"pop3s", 995},
                                         {"tls", 0}}};

Result<Scheme> scheme_of(std::string_view text, std::size_t end) {
  for (const Scheme& scheme : schemes) {
    if (end != std::string_view::npos && scheme.name == text.substr(0, end)) return scheme;
  }
  return invalid(fmt::format("'{}' does not begin with a scheme that can be probed", text),
                 "smtp, submission, imap, pop3 (with STARTTLS), smtps, imaps, pop3s or tls, then ://HOST:PORT");
}

// Brackets around an IPv6 address may be there.
Result<std::string> address_of(std::string_view text) {
  const bool bracketed = text.size() > 2 && text.front() == '[' && text.back() == ']';
  const auto address = IpAddress::parse(bracketed ? text.substr(1, text.size() - 2) : text);
  if (!address) return invalid(fmt::format("'{}' is not an IP address", text), form);
  if (bracketed && !address->is_v6()) return invalid(fmt::format("'{}' is not an IPv6 address", text), form);
  return address->text();
}

Result<DnsName> host_of(std::string_view text) {
  if (text.starts_with('[') || IpAddress::parse(text).ok()) {
    return invalid(fmt::format("'{}' is an address, but TLSA records belong to the name of a host", text), form);
  }
  auto host = DnsName::parse(text);
  if (!host) return invalid(host.error().what, form);
  if (host->is_root()) return invalid("there is no host", form);
  if (ends_in_number(text)) return invalid(fmt::format("'{}' is not the name of a host", text), form);
  return host;
}

}  // namespace

Result<ProbeUrl> ProbeUrl::parse(std::string_view text) {
  const std::size_t scheme_end = text.find("://");
  const auto scheme = scheme_of(text, scheme_end);
  if (!scheme) return scheme.error();
  ProbeUrl url;
  url.scheme = scheme->name;
  url.port = scheme->port;

  std::string_view rest = text.substr(scheme_end + 3);
  if (const std::size_t at = rest.find('@'); at != std::string_view::npos) {
    const auto address = address_of(rest.substr(at + 1));
    if (!address) return address.error();
    url.address = *address;
    rest = rest.substr(0, at);
  }
  // Up to the last colon, so that an IPv6 address in the host's place is seen to be one.
  std::size_t colon = rest.rfind(':');
  if (rest.ends_with(']') || IpAddress::parse(rest).ok()) colon = std::string_view::npos;
  if (colon != std::string_view::npos) {
    const auto port = parse_port(rest.substr(colon + 1));
    if (!port) return invalid(port.error().what, form);
    url.port = *port;
    rest = rest.substr(0, colon);
  }
  const auto host = host_of(rest);
  if (!host) return host.error();
  url.host = *host;
  if (url.port == 0) return invalid(fmt::format("'{}' names no port", text), "write it as tls://HOST:PORT");
  if (!DnsName::parse(fmt::format("_{}._tcp.{}", url.port, url.host.text()))) {
    return invalid(fmt::format("'{}' is too long to have TLSA records", url.host.text()), form);
  }
  return url;
}

std::string ProbeUrl::text() const {
  return fmt::format("{}://{}:{}{}{}", scheme, host.text(), port, address.empty() ? "" : "@", address);
}

DnsName ProbeUrl::owner() const {
  return DnsName::parse(fmt::format("_{}._tcp.{}", port, host.text())).value();
}

}  // namespace danectl
