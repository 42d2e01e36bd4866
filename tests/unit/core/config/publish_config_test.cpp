#include "core/config/publish_config.hpp"

#include "fakes/looks.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

Config good(const std::string& toml) {
  auto config = parse_config(toml, "danectl.toml");
  INFO((config.ok() ? "" : config.error().what));
  REQUIRE(config.ok());
  return config.value();
}

Error trouble(const std::string& toml) {
  const auto config = parse_config(toml, "danectl.toml");
  INFO(toml);
  REQUIRE_FALSE(config.ok());
  CHECK(config.error().kind == ErrorKind::invalid);
  return config.error();
}

const std::string of_all =
    "[publish]\nmethod = \"nsupdate\"\nttl = \"30m\"\nserver = \"192.0.2.1\"\nkey_file = \"/k\"\n";
const std::string of_net = "[[publish.zone]]\nname = \"example.net\"\n";

}  // namespace

TEST_CASE("What the section of a zone leaves out is that of [publish], wherever that stands") {
  for (const std::string& toml :
       std::vector<std::string>{of_all + of_net + "server = \"192.0.2.2:5353\"\nrfc3597 = true\n",
                                "publish.zone = [{name = \"Example.NET.\", server = \"192.0.2.2:5353\", rfc3597 = "
                                "true}]\npublish.method = \"nsupdate\"\npublish.ttl = \"30m\"\npublish.server = "
                                "\"192.0.2.1\"\npublish.key_file = \"/k\"\n"}) {
    const Config config = good(toml);
    REQUIRE(config.publish_zones.size() == 1);
    const PublishConfig& publish = config.publish_zones.front().publish;
    CHECK(config.publish_zones.front().name == name("example.net"));
    CHECK(publish.section == "[[publish.zone]] example.net");
    CHECK(publish.method == PublishMethod::nsupdate);
    CHECK(publish.ttl == Seconds{1800});
    CHECK(publish.server == "192.0.2.2 5353");
    CHECK(publish.key_file == "/k");
    CHECK(publish.form == RecordForm::rfc3597);
    CHECK(config.publish.server == "192.0.2.1");
    CHECK(config.publish.form == RecordForm::tlsa);
    CHECK(config.publish.section == "[publish]");
  }
}

TEST_CASE("The section with the longest name at or above a canonical name decides") {
  const Config config =
      good(of_all + of_net + "ttl = \"1m\"\n" + "[[publish.zone]]\nname = \"dane.example.net\"\nttl = \"2m\"\n" +
           "[[publish.zone]]\nname = \"net\"\nttl = \"3m\"\n");
  const auto ttl_of = [&](const char* owner) { return publish_for(config, name(owner)).ttl; };
  CHECK(ttl_of("_25._tcp.mx.example.com") == Seconds{1800});
  CHECK(ttl_of("_25._tcp.mx.example.net") == Seconds{60});
  CHECK(ttl_of("example.net") == Seconds{60});
  CHECK(ttl_of("tlsa.dane.example.net") == Seconds{120});
  CHECK(ttl_of("dane.example.net") == Seconds{120});
  CHECK(ttl_of("undane.example.net") == Seconds{60});
  CHECK(ttl_of("_25._tcp.mx.counterexample.net") == Seconds{180});
  CHECK(DefaultTtl(config).of(name("dane.example.net")) == Seconds{120});
  CHECK(DefaultTtl(Seconds{7}).of(name("dane.example.net")) == Seconds{7});
}

TEST_CASE("A section without a name is refused at its head") {
  const Error error = trouble(of_all + "[[publish.zone]]\nttl = \"1m\"\n");
  CHECK(error.what == "danectl.toml:6: key \"publish.zone.name\": is not there, and is needed");
  CHECK(trouble("[[publish.zone]]\nname = \"\"").what ==
        "danectl.toml:2: key \"publish.zone.name\": '' is not a domain name: it is empty");
}

TEST_CASE("Two sections of one name are refused") {
  CHECK(trouble(of_net + "[[publish.zone]]\nttl = \"1m\"\nname = \"EXAMPLE.net.\"\n").what ==
        "danectl.toml:5: key \"publish.zone.name\": 'example.net' has a section already");
}

TEST_CASE("Unknown keys and bad values in a section are refused with the line that they stand on") {
  const Error unknown = trouble(of_net + "[[publish.zone]]\nname = \"example.org\"\nserfer = \"x\"\n");
  CHECK(unknown.what == "danectl.toml:5: key \"publish.zone.serfer\": unknown");
  CHECK(unknown.hint ==
        "did you mean server? known in [[publish.zone]]: name, method, ttl, server, key_file, include_file, command, "
        "rfc3597");
  CHECK(trouble(of_net + "ttl = \"0s\"\n").what == "danectl.toml:3: key \"publish.zone.ttl\": '0s' is too short");
  CHECK(trouble(of_net + "rfc3597 = \"yes\"\n").what ==
        "danectl.toml:3: key \"publish.zone.rfc3597\": a boolean is wanted, not a string");
  CHECK(trouble(of_net + "name.x = 1\n").what.rfind("danectl.toml:3: not valid TOML", 0) == 0);
}

TEST_CASE("One zone that is not written as an array of tables is refused with how it is written") {
  for (const char* toml : {"[publish.zone]\nname = \"example.net\"", "publish.zone = \"example.net\"",
                           "publish.zone = [\"example.net\"]", "[[publish.zone.more]]\nname = \"example.net\""}) {
    const Error error = trouble(toml);
    CHECK(error.what.rfind("danectl.toml:1: key \"publish.zone\": an array of tables is wanted, not a", 0) == 0);
    CHECK(error.hint.rfind("write [[publish.zone]] above the keys of each", 0) == 0);
  }
  CHECK(trouble("[[publish]]\nmethod = \"print\"").what ==
        "danectl.toml:1: key \"publish\": a table is wanted, not an array");
}

TEST_CASE("Each section needs what its method needs, its own or that of [publish]") {
  CHECK(trouble(of_net + "method = \"include\"").what ==
        "danectl.toml:3: key \"publish.zone.method\": \"include\" needs include_file");
  CHECK(trouble(of_net + "method = \"hook\"").what ==
        "danectl.toml:3: key \"publish.zone.method\": \"hook\" needs command");
  CHECK(trouble("[publish]\nmethod = \"hook\"\ncommand = [\"dns\"]\n" + of_net + "command = []").what ==
        "danectl.toml:4: key \"publish.zone.method\": \"hook\" needs command");
  CHECK(good("[publish]\ncommand = [\"dns\"]\n" + of_net + "method = \"hook\"").publish_zones.front().publish.command ==
        std::vector<std::string>{"dns"});
}

TEST_CASE("One include file for two sections is refused, since it serves one zone") {
  const std::string include =
      "[publish]\nmethod = \"include\"\ninclude_file = \"/etc/bind/tlsa\"\ncommand = [\"rndc\"]\n";
  const Error error = trouble(include + of_net);
  CHECK(error.what ==
        "danectl.toml:5: key \"publish.zone.include_file\": /etc/bind/tlsa is the file of [publish] already");
  CHECK(trouble(include + of_net +
                "include_file = \"/net\"\n[[publish.zone]]\nname = \"example.org\"\ninclude_file = "
                "\"/net/\"\n")
            .what ==
        "danectl.toml:10: key \"publish.zone.include_file\": /net is the file of [[publish.zone]] example.net already");
  CHECK(good(include + of_net + "include_file = \"/net\"").publish_zones.size() == 1);
  CHECK(good(include + of_net + "method = \"print\"").publish_zones.size() == 1);
}

TEST_CASE("The form of records is read from [publish]") {
  CHECK(good("[publish]\nrfc3597 = true").publish.form == RecordForm::rfc3597);
  CHECK(good("[publish]\nrfc3597 = true\n" + of_net + "rfc3597 = false").publish_zones.front().publish.form ==
        RecordForm::tlsa);
}
