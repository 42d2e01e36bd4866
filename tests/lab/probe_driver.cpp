// danectl_probe_driver DANECTL.TOML URL...: what AsioProbe finds, as JSON, and its progress on standard error; for the
// lab's tests.
#include "system/host/posix_files.hpp"
#include "system/probe/asio_probe.hpp"

#include <nlohmann/json.hpp>

#include <csignal>
#include <iostream>

namespace {

using namespace danectl;
using nlohmann::ordered_json;

const char* text_of(Handshake::Kind kind) {
  switch (kind) {
    case Handshake::Kind::presented:
      return "presented";
    case Handshake::Kind::none:
      return "none";
    case Handshake::Kind::failed:
      break;
  }
  return "failed";
}

const char* text_of(Handshake::Reached reached) {
  switch (reached) {
    case Handshake::Reached::nothing:
      break;
    case Handshake::Reached::connected:
      return "connected";
    case Handshake::Reached::greeted:
      return "greeted";
    case Handshake::Reached::tls:
      return "tls";
  }
  return "nothing";
}

const char* text_of(ProbedAddress::Kind kind) {
  switch (kind) {
    case ProbedAddress::Kind::probed:
      return "probed";
    case ProbedAddress::Kind::left_out:
      return "left_out";
    case ProbedAddress::Kind::failed:
      break;
  }
  return "failed";
}

ordered_json json_of(const Handshake& handshake) {
  ordered_json chain = ordered_json::array();
  for (const Certificate& certificate : handshake.chain.certificates) {
    chain.push_back({{"spki", certificate.key.sha256}, {"names", certificate.names}});
  }
  return {{"keys", handshake.offered == OfferedKeys::rsa ? "rsa" : "ecdsa"},
          {"sni", handshake.server_name == ServerName::sent},
          {"kind", text_of(handshake.kind)},
          {"reached", text_of(handshake.reached)},
          {"why", handshake.why},
          {"protocol", handshake.protocol},
          {"chain", chain}};
}

ordered_json json_of(const ProbeResult& result) {
  ordered_json addresses = ordered_json::array();
  for (const ProbedAddress& at : result.addresses) {
    ordered_json handshakes = ordered_json::array();
    for (const Handshake& handshake : at.handshakes) handshakes.push_back(json_of(handshake));
    addresses.push_back(
        {{"address", at.address}, {"kind", text_of(at.kind)}, {"why", at.why}, {"handshakes", handshakes}});
  }
  return {{"url", result.url.text()}, {"addresses", addresses}};
}

int fail(const Error& error) {
  std::cerr << error.what << "\n";
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, [](int) {});
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() < 2) return fail(invalid("usage: danectl_probe_driver DANECTL.TOML URL..."));
  PosixFiles files;
  const auto text = files.read(arguments[0]);
  if (!text) return fail(text.error());
  const auto config = parse_config(*text, arguments[0]);
  if (!config) return fail(config.error());
  std::vector<ProbeUrl> urls;
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    auto url = ProbeUrl::parse(arguments[i]);
    if (!url) return fail(url.error());
    urls.push_back(std::move(*url));
  }
  ordered_json results = ordered_json::array();
  const auto progress = [](std::size_t done, std::size_t all) { std::cerr << done << "/" << all << "\n"; };
  for (const ProbeResult& result : AsioProbe(config->dns).probe(urls, progress)) results.push_back(json_of(result));
  std::cout << results.dump(1) << "\n";
  return 0;
}
