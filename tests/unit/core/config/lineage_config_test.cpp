#include "core/config/lineage_config.hpp"

#include "core/config/lineage_text.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

const std::string file = "lineages/mx.toml";
const std::string owner_line = "tlsa = [\"_25._tcp.mx.example.com\"]\n";

LineageConfig good(const std::string& toml) {
  auto lineage = parse_lineage_config(toml, file, "mx");
  INFO((lineage.ok() ? "" : lineage.error().what));
  REQUIRE(lineage.ok());
  return lineage.value();
}

Error trouble(const std::string& toml) {
  const auto lineage = parse_lineage_config(toml, file, "mx");
  INFO(toml);
  REQUIRE_FALSE(lineage.ok());
  CHECK(lineage.error().kind == ErrorKind::invalid);
  CHECK_FALSE(lineage.error().hint.empty());
  return lineage.error();
}

// The trouble with a second line of this text.
std::string trouble_with(const std::string& line) {
  const std::string what = trouble(owner_line + line).what;
  const std::string start = file + ":2: key \"" + line.substr(0, line.find(' ')) + "\": ";
  CHECK(what.rfind(start, 0) == 0);
  return what.substr(std::min(what.size(), start.size()));
}

LineageConfig lineage_of(const std::string& name, const std::string& owner, std::vector<Group> profile) {
  LineageConfig lineage;
  lineage.name = name;
  lineage.tlsa = {DnsName::parse(owner).value()};
  lineage.profile = std::move(profile);
  return lineage;
}

}  // namespace

TEST_CASE("a lineage needs its owners and nothing else") {
  const LineageConfig lineage = good(owner_line);
  CHECK(lineage.name == "mx");
  REQUIRE(lineage.tlsa.size() == 1);
  CHECK(lineage.tlsa[0].text() == "_25._tcp.mx.example.com");
  CHECK(lineage.profile == std::vector<Group>{{3, 1, 1}});
  CHECK(lineage.rotation == Rotation::next);
  CHECK_FALSE(lineage.key);
  CHECK_FALSE(lineage.rollover);
  CHECK(lineage.min_hold == Seconds{0});
  CHECK(lineage.retire_after == std::chrono::days{1});
  CHECK(lineage.reload.empty());
  CHECK(lineage.probe.empty());
  CHECK(lineage.owner_group.empty());
  CHECK(lineage.mode == 0600);
}

TEST_CASE("every key of a lineage is read") {
  const LineageConfig lineage = good(R"(
tlsa = ["_25._tcp.MX.example.com.", "_465._tcp.mx.example.com"]
profile = ["3 1 1", "3 1 2"]
rotation = "next"
key = "ecdsa-p384"
rollover = "90d"
min_hold = "2h"
retire_after = "0s"
reload = [["systemctl", "reload", "postfix"], ["/usr/bin/doveadm", "reload"]]
probe = ["smtp://mx.example.com:25", "imaps://mx.example.com"]
owner_group = "ssl-cert"
mode = "0640"
)");
  CHECK(lineage.tlsa[0].text() == "_25._tcp.mx.example.com");
  CHECK(lineage.tlsa[1].text() == "_465._tcp.mx.example.com");
  CHECK(lineage.profile == std::vector<Group>{{3, 1, 1}, {3, 1, 2}});
  CHECK(lineage.key == KeyType::ecdsa_p384);
  CHECK(lineage.rollover == std::chrono::days{90});
  CHECK(lineage.min_hold == std::chrono::hours{2});
  CHECK(lineage.retire_after == Seconds{0});
  CHECK(lineage.reload ==
        std::vector<std::vector<std::string>>{{"systemctl", "reload", "postfix"}, {"/usr/bin/doveadm", "reload"}});
  REQUIRE(lineage.probe.size() == 2);
  CHECK(lineage.probe[1].text() == "imaps://mx.example.com:993");
  CHECK(lineage.owner_group == "ssl-cert");
  CHECK(lineage.mode == 0640);
}

TEST_CASE("a lineage without owners is refused") {
  CHECK(trouble("").what == "lineages/mx.toml: key \"tlsa\": is not there, and is needed");
  CHECK(trouble("tlsa = []").what == "lineages/mx.toml:1: key \"tlsa\": no owner in it");
}

TEST_CASE("a mistyped tlsa is an unknown key, not a missing one") {
  CHECK(trouble("tsla = [\"_25._tcp.mx.example.com\"]").what == "lineages/mx.toml:1: key \"tsla\": unknown");
}

TEST_CASE("an owner that is none of a TLSA record is refused") {
  const std::string name =
      GENERATE(as<std::string>{}, "mx.example.com", "_25.mx.example.com", "25._tcp.mx.example.com", "_25._tcp", "",
               "_0._tcp.mx.example.com", "_65536._tcp.mx.example.com", "_25._tcp.mx..example.com", "_25._tcp.mx exa");
  const std::string what = trouble("tlsa = [\"" + name + "\"]").what;
  CHECK(what.rfind("lineages/mx.toml:1: key \"tlsa\": '" + name + "' ", 0) == 0);
}

TEST_CASE("two bad owners are two bad owners, not one named twice") {
  CHECK(trouble("tlsa = [\n\"a\",\n\"b\"\n]").what.rfind("lineages/mx.toml:2: key \"tlsa\": 'a' is not", 0) == 0);
}

TEST_CASE("an owner named twice is refused, in whatever case it is written") {
  CHECK(trouble("tlsa = [\"_25._tcp.mx.example.com\", \"_25._TCP.MX.example.com.\"]").what ==
        "lineages/mx.toml:1: key \"tlsa\": names an owner twice");
}

TEST_CASE("profile lines that a mail server cannot live with are refused with the reason") {
  CHECK(trouble_with("profile = [\"3 0 1\"]") ==
        "'3 0 1' names the whole certificate, which changes at each renewal, and the record would have to as well");
  CHECK(trouble_with("profile = [\"2 0 2\"]") ==
        "'2 0 2' names the whole certificate of an issuer, while CAs issue others for the same key");
  CHECK(trouble_with("profile = [\"2 0 0\"]") ==
        "'2 0 0' would publish the whole key or certificate; answers must stay small (RFC 7671 section 10.1.2)");
  CHECK(trouble_with("profile = [\"0 0 1\"]") ==
        "'0 0 1' has a usage that mail servers cannot use (RFC 7672 section 3.1.3)");
  CHECK(trouble_with("profile = [\"1 1 1\"]") ==
        "'1 1 1' has a usage that mail servers cannot use (RFC 7672 section 3.1.3)");
  CHECK(trouble_with("profile = [\"3 1 0\"]") ==
        "'3 1 0' would publish the whole key or certificate; answers must stay small (RFC 7671 section 10.1.2)");
  CHECK(trouble_with("profile = [\"4 1 1\"]") == "'4 1 1' has a usage that does not exist");
  CHECK(trouble_with("profile = [\"3 2 1\"]") == "'3 2 1' has a selector that does not exist");
  CHECK(trouble_with("profile = [\"3 1 3\"]") == "'3 1 3' has a matching type that does not exist");
  CHECK(trouble_with("profile = []") == "nothing in it");
  CHECK(trouble_with("profile = [\"3 1 1\", \"3 1 1\"]") == "has a line twice");
  CHECK(trouble_with("profile = \"3 1 1\"") == "an array is wanted, not a string");
}

TEST_CASE("danectl stages keys, unless certbot makes them or no record names them") {
  CHECK(good(owner_line).stages_keys());
  CHECK(good(owner_line + "profile = [\"2 1 1\", \"3 1 1\"]").stages_keys());
  CHECK_FALSE(good(owner_line + "rotation = \"certbot\"").stages_keys());
  CHECK_FALSE(good(owner_line + "profile = [\"2 1 1\"]").stages_keys());
  CHECK(trouble_with("rotation = \"never\"") == "'never' is not a way to rotate keys");
}

TEST_CASE("issuers and append_root are absolute paths, for a profile that names an issuer") {
  const std::string issuer_line = owner_line + "profile = [\"2 1 1\"]\n";
  const LineageConfig lineage = good(issuer_line + "issuers = [\"/etc/ca\", \"/r11.pem\"]\nappend_root = \"/x1.pem\"");
  CHECK(lineage.issuers == std::vector<std::string>{"/etc/ca", "/r11.pem"});
  CHECK(lineage.append_root == "/x1.pem");
  CHECK(trouble(issuer_line + "issuers = [\"ca\"]").what ==
        "lineages/mx.toml:3: key \"issuers\": 'ca' is not an absolute path");
  CHECK(trouble_with("issuers = [\"/etc/ca\"]") == "the profile has no line that names an issuer");
  CHECK(trouble_with("append_root = \"/x1.pem\"") == "the profile has no line that names an issuer");
}

TEST_CASE("the type of the next key is the same or one that danectl makes") {
  CHECK_FALSE(good(owner_line + "key = \"same\"").key);
  CHECK(good(owner_line + "key = \"rsa-4096\"").key == KeyType::rsa_4096);
  CHECK(trouble_with("key = \"ed25519\"") == "'ed25519' is not a type of key");
  CHECK(trouble_with("key = \"other\"") == "'other' is not a type of key");
}

TEST_CASE("a rollover is manual or an age above nought") {
  CHECK_FALSE(good(owner_line + "rollover = \"manual\"").rollover);
  CHECK(trouble_with("rollover = \"0d\"") == "'0d' is too short");
  CHECK(trouble_with("rollover = \"auto\"") == "'auto' is not a duration");
}

TEST_CASE("reload commands are arrays of arguments") {
  CHECK(trouble_with("reload = [\"systemctl\", \"reload\", \"postfix\"]") == "an array is wanted, not a string");
  CHECK(trouble_with("reload = [[]]") == "a command without a program");
  CHECK(trouble_with("reload = [[\"\"]]") == "a command without a program");
  CHECK(trouble_with("reload = [[\"systemctl reload postfix\"]]") ==
        "'systemctl reload postfix' has a blank in the name of the program");
  CHECK(trouble_with("reload = [[\"bin/reload\"]]") == "the program 'bin/reload' is relative to a folder");
  CHECK(trouble_with("reload = [[1]]") == "a string is wanted, not an integer");
  CHECK(good(owner_line + "reload = [[\"/opt/my mail/reload\"]]").reload.size() == 1);
}

TEST_CASE("the mode of a private key lets only owner and group in") {
  CHECK(good(owner_line + "mode = \"400\"").mode == 0400);
  CHECK(trouble_with("mode = \"0644\"") == "'0644' is too wide for a private key");
  CHECK(trouble_with("mode = \"0700\"") == "'0700' is too wide for a private key");
  CHECK(trouble_with("mode = \"0060\"") == "'0060' keeps the owner from reading the key");
  CHECK(trouble_with("mode = \"0o600\"") == "'0o600' is not an octal file mode");
  CHECK(trouble_with("mode = \"-600\"") == "'-600' is not an octal file mode");
  CHECK(trouble_with("mode = 384") == "a string is wanted, not an integer");
}

TEST_CASE("a probe that is none is refused") {
  CHECK(trouble_with("probe = [\"http://mx.example.com\"]") ==
        "'http://mx.example.com' does not begin with a scheme that can be probed");
}

TEST_CASE("names that no file could bear are not names of a lineage") {
  for (const std::string& name :
       {std::string(), std::string("."), std::string(".."), std::string("a/b"), std::string(".hidden"),
        std::string("-n"), std::string("a\nb"), std::string("a\0b", 3), std::string(201, 'a')}) {
    const Status status = check_lineage_name(name);
    INFO(name);
    REQUIRE_FALSE(status.ok());
    CHECK(status.error().kind == ErrorKind::invalid);
    CHECK_FALSE(parse_lineage_config(owner_line, file, name).ok());
  }
  for (const char* name : {"mx.example.com", "mx.example.com-0001", "_x", "a..b", "*.example.com"}) {
    CHECK(check_lineage_name(name).ok());
  }
}

TEST_CASE("lineages that share an owner must use the same matching types") {
  const auto rsa = lineage_of("rsa", "_25._tcp.mx.example.com", {{3, 1, 1}});
  const auto ecdsa = lineage_of("ecdsa", "_25._tcp.MX.example.com", {{3, 1, 2}, {3, 1, 1}});
  const Status status = check_shared_owners({rsa, ecdsa});
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().kind == ErrorKind::invalid);
  CHECK(status.error().what ==
        "lineages/rsa.toml and lineages/ecdsa.toml share the owner _25._tcp.mx.example.com, but not the matching types "
        "of their profiles (1 and 1 2)");
}

TEST_CASE("lineages with the same matching types or no common owner go together") {
  CHECK(check_shared_owners({lineage_of("a", "_25._tcp.mx.example.com", {{3, 1, 1}, {3, 1, 2}}),
                             lineage_of("b", "_25._tcp.mx.example.com", {{3, 1, 2}, {3, 1, 1}}),
                             lineage_of("c", "_465._tcp.mx.example.com", {{3, 1, 2}})})
            .ok());
}

TEST_CASE("what is written for a lineage reads well") {
  LineageConfig lineage = lineage_of("mx", "_25._tcp.mx.example.com", {{3, 1, 1}});
  CHECK(write_lineage_config(lineage) ==
        "# danectl.toml(5) describes all keys\n"
        "tlsa = [\"_25._tcp.mx.example.com\"]\n"
        "profile = [\"3 1 1\"]\n"
        "rotation = \"next\"\n");
}

TEST_CASE("what is written for a lineage is read back as it was") {
  LineageConfig lineage = lineage_of("mx", "_25._tcp.mx.example.com", {{3, 1, 2}, {3, 1, 1}});
  lineage.tlsa.push_back(DnsName::parse("_587._tcp.mx.example.com").value());
  lineage.key = KeyType::rsa_3072;
  lineage.rollover = Seconds{90061};
  lineage.min_hold = Seconds{5400};
  lineage.retire_after = Seconds{0};
  lineage.reload = {{"systemctl", "reload", "postfix"}, {"sh", "-c", "a \"b\" \\c 'd'\n\t\x01\x7f ü"}};
  lineage.probe = {ProbeUrl::parse("smtp://mx.example.com").value(),
                   ProbeUrl::parse("tls://mx.example.com:25@2001:db8::1").value()};
  lineage.owner_group = "ssl-cert";
  lineage.mode = 0640;
  const std::string text = write_lineage_config(lineage);
  INFO(text);
  const LineageConfig read = good(text);
  CHECK(read.tlsa == lineage.tlsa);
  CHECK(read.profile == lineage.profile);
  CHECK(read.key == lineage.key);
  CHECK(read.rollover == lineage.rollover);
  CHECK(read.min_hold == lineage.min_hold);
  CHECK(read.retire_after == lineage.retire_after);
  CHECK(read.reload == lineage.reload);
  REQUIRE(read.probe.size() == 2);
  CHECK(read.probe[0].text() == "smtp://mx.example.com:25");
  CHECK(read.probe[1].text() == "tls://mx.example.com:25@2001:db8::1");
  CHECK(read.owner_group == lineage.owner_group);
  CHECK(read.mode == lineage.mode);
  CHECK(write_lineage_config(read) == text);
}
