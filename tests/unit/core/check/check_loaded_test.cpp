#include "core/check/check_loaded.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

LoadedFile loaded(LoadedFile::From from, MailProgram program = MailProgram::postfix,
                  std::vector<std::uint16_t> ports = {25, 465, 587}) {
  const bool ours = from != LoadedFile::From::elsewhere;
  return {{program, {}, {}, "setting", "/c/fullchain.pem", "/c/fullchain.pem", std::move(ports)},
          from,
          ours ? "mx" : "",
          from == LoadedFile::From::certbot ? "the command" : ""};
}

LineageConfig lineage() {
  LineageConfig config;
  config.name = "mx";
  config.tlsa = {DnsName::parse("_25._tcp.mx.example.com").value()};
  return config;
}

std::string cure(const std::vector<LoadedFile>& files, const std::string& own_address = "192.0.2.25") {
  ProbedAddress address{"192.0.2.25", ProbedAddress::Kind::probed, "", {Handshake{}}};
  address.handshakes.front().own_address = own_address;
  LoadedFiles all{{}, files, "/live"};
  return how_to_serve(all, lineage(), ProbeUrl::parse("smtp://mx.example.com:25").value(), address);
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("A server that loads certbot's folder is a finding where senders check its port") {
  const LoadedFiles both{
      {}, {loaded(LoadedFile::From::certbot), loaded(LoadedFile::From::certbot, MailProgram::dovecot, {143})}, "/live"};
  const auto findings = check_loaded(both, lineage());
  REQUIRE(findings.size() == 1);
  CHECK(findings.front().id == FindingId::other_folder_loaded);
  CHECK(findings.front().severity == Severity::warning);
  CHECK(findings.front().remedy == "the command");
  CHECK(check_loaded({{}, {loaded(LoadedFile::From::live), loaded(LoadedFile::From::elsewhere)}, "/live"}, lineage())
            .empty());
}

TEST_CASE("A server that does not serve what is deployed gets the cure that helps there") {
  CHECK(cure({loaded(LoadedFile::From::certbot)}) == "the command");
  CHECK(has(cure({loaded(LoadedFile::From::live)}), "postfix reload"));
  CHECK_FALSE(has(cure({loaded(LoadedFile::From::live)}), "no address of this host"));
  CHECK(has(cure({loaded(LoadedFile::From::elsewhere)}), "smtpd_tls_chain_files=/live/mx/combined.pem"));
  CHECK(has(cure({}), "point the server at /live/mx/combined.pem"));
}

TEST_CASE("A server on another host is mended there") {
  CHECK(has(cure({}, "192.0.2.9"), "192.0.2.25 is no address of this host"));
  CHECK_FALSE(has(cure({loaded(LoadedFile::From::elsewhere)}, "192.0.2.9"), "postconf"));
  // Behind address translation it may be this one all the same.
  CHECK(has(cure({loaded(LoadedFile::From::live)}, "10.0.0.9"), "postfix reload"));
}

TEST_CASE("What a server loads of another lineage is no finding of this one") {
  LoadedFile other = loaded(LoadedFile::From::certbot);
  other.lineage = "a.example.com";
  LoadedFile third = other;
  third.lineage = "z.example.com";
  const LoadedFiles all{
      {}, {loaded(LoadedFile::From::elsewhere), other, loaded(LoadedFile::From::certbot), third}, "/live"};
  CHECK(check_loaded(all, lineage()).size() == 1);
  CHECK(all.of("a.example.com").size() == 1);
  CHECK(all.of("b.example.com").empty());
  CHECK(all.of("").size() == 1);
}
