#include "core/config/config.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

Config good(std::string_view toml) {
  auto config = parse_config(toml, "danectl.toml");
  INFO((config.ok() ? "" : config.error().what));
  REQUIRE(config.ok());
  return config.value();
}

Error trouble(std::string_view toml) {
  const auto config = parse_config(toml, "danectl.toml");
  INFO(toml);
  REQUIRE_FALSE(config.ok());
  CHECK(config.error().kind == ErrorKind::invalid);
  return config.error();
}

}  // namespace

TEST_CASE("an empty configuration means all the defaults") {
  const Config config = good("");
  CHECK(config.certbot == "certbot");
  CHECK(config.certbot_dir == "/etc/letsencrypt");
  CHECK(config.certbot_args.empty());
  CHECK(config.state_dir == "/var/lib/danectl");
  CHECK(config.dns.resolver == DnsConfig::Mode::system);
  CHECK(config.dns.timeout == Seconds{5});
  CHECK(config.dns.probe_timeout == Seconds{10});
  CHECK(config.check.warning == std::chrono::days{20});
  CHECK(config.check.critical == std::chrono::days{10});
  CHECK(config.check.shared_keys);
  CHECK(config.publish.method == PublishMethod::print);
  CHECK(config.publish.ttl == std::chrono::hours{1});
}

TEST_CASE("every key of the configuration is read") {
  const Config config = good(R"(
certbot = "/opt/certbot/bin/certbot"
certbot_dir = "/srv/letsencrypt/"
certbot_args = ["--config", "/etc/my cli.ini"]
state_dir = "/srv/danectl"
[dns]
resolver = ["192.0.2.53", "192.0.2.53:5353", "2001:DB8::53", "[2001:db8::53]", "[2001:db8::53]:5353"]
trust_anchor = "/etc/root.key"
unbound_conf = "/etc/unbound-lab.conf"
ignore = ["ns3.example.net", "2001:db8::/32"]
timeout = "2s"
probe_timeout = "1m"
[check]
warning = "30d"
critical = "5d"
shared_keys = false
[publish]
method = "nsupdate"
ttl = "15m"
server = "192.0.2.1:5353"
key_file = "/etc/danectl/tsig.key"
include_file = "/etc/bind/tlsa.inc"
command = ["rndc", "reload"]
)");
  CHECK(config.certbot == "/opt/certbot/bin/certbot");
  CHECK(config.certbot_dir == "/srv/letsencrypt");
  CHECK(config.certbot_args == std::vector<std::string>{"--config", "/etc/my cli.ini"});
  CHECK(config.state_dir == "/srv/danectl");
  CHECK(config.dns.resolver == DnsConfig::Mode::servers);
  CHECK(config.dns.servers ==
        std::vector<std::string>{"192.0.2.53", "192.0.2.53@5353", "2001:db8::53", "2001:db8::53", "2001:db8::53@5353"});
  CHECK(config.dns.trust_anchor == "/etc/root.key");
  CHECK(config.dns.unbound_conf == "/etc/unbound-lab.conf");
  CHECK(ignores(config.dns.ignore, DnsName::parse("ns3.example.net").value(), ""));
  CHECK(config.dns.timeout == Seconds{2});
  CHECK(config.dns.probe_timeout == Seconds{60});
  CHECK(config.check.warning == std::chrono::days{30});
  CHECK(config.check.critical == std::chrono::days{5});
  CHECK_FALSE(config.check.shared_keys);
  CHECK(config.publish.method == PublishMethod::nsupdate);
  CHECK(config.publish.ttl == Seconds{900});
  CHECK(config.publish.server == "192.0.2.1 5353");
  CHECK(config.publish.key_file == "/etc/danectl/tsig.key");
  CHECK(config.publish.include_file == "/etc/bind/tlsa.inc");
  CHECK(config.publish.command == std::vector<std::string>{"rndc", "reload"});
}

TEST_CASE("the resolver may be recursive") {
  CHECK(good("[dns]\nresolver = \"recursive\"").dns.resolver == DnsConfig::Mode::recursive);
}

TEST_CASE("the server for updates is written as nsupdate takes it") {
  CHECK(good("[publish]\nserver = \"NS1.example.com:5353\"").publish.server == "ns1.example.com 5353");
  CHECK(good("[publish]\nserver = \"ns1.example.com\"").publish.server == "ns1.example.com");
  CHECK(good("[publish]\nserver = \"[2001:db8::1]:5353\"").publish.server == "2001:db8::1 5353");
  CHECK(good("[publish]\nserver = \"2001:db8::1\"").publish.server == "2001:db8::1");
}

TEST_CASE("an unknown key is refused with its line, and the known ones are named") {
  const Error error = trouble("certbot = \"certbot\"\n\n[dns]\ntimeout = \"5s\"\ntimeuot = \"5s\"\n");
  CHECK(error.what == "danectl.toml:5: key \"dns.timeuot\": unknown");
  CHECK(error.hint ==
        "did you mean timeout? known in [dns]: resolver, trust_anchor, unbound_conf, ignore, timeout, probe_timeout");
}

TEST_CASE("an unknown table is refused once, not for each of its keys") {
  const Error error = trouble("[smtp]\nport = 25\n");
  CHECK(error.what == "danectl.toml:1: key \"smtp\": unknown");
  CHECK(error.hint ==
        "known here: certbot, certbot_dir, certbot_args, state_dir, [dns], [check], [publish], [[publish.zone]]");
}

TEST_CASE("a quoted key with a dot is not the key of a table") {
  CHECK(trouble("\"dns.timeout\" = \"5s\"").what == "danectl.toml:1: key \"\"dns.timeout\"\": unknown");
}

TEST_CASE("a line break in a key does not break the message") {
  CHECK(trouble("\"a\\nb\" = 1").what == "danectl.toml:1: key \"\"a\\u000Ab\"\": unknown");
}

TEST_CASE("a wrong type is refused with what is wanted") {
  const Error error = trouble("\n[dns]\ntimeout = 5\n");
  CHECK(error.what == "danectl.toml:3: key \"dns.timeout\": a string is wanted, not an integer");
  CHECK(error.hint == "a number and a unit: \"90s\", \"15m\", \"2h\", \"7d\"");
  CHECK(trouble("dns = 1").what == "danectl.toml:1: key \"dns\": a table is wanted, not an integer");
  CHECK(trouble("[[dns]]").what == "danectl.toml:1: key \"dns\": a table is wanted, not an array");
  CHECK(trouble("[certbot]").what == "danectl.toml:1: key \"certbot\": a string is wanted, not a table");
  CHECK(trouble("certbot_args = \"-v\"").what ==
        "danectl.toml:1: key \"certbot_args\": an array is wanted, not a string");
  CHECK(trouble("certbot_args = [1]").what ==
        "danectl.toml:1: key \"certbot_args\": a string is wanted, not an integer");
  CHECK(trouble("state_dir = 1979-05-27").what ==
        "danectl.toml:1: key \"state_dir\": a string is wanted, not a date or time");
}

TEST_CASE("what is not TOML is refused with its line") {
  const Error error = trouble("certbot = \"certbot\"\nstate_dir = /var/lib\n");
  CHECK(error.what.rfind("danectl.toml:2: not valid TOML: ", 0) == 0);
  CHECK_FALSE(error.hint.empty());
  CHECK(trouble("certbot = \"a\"\ncertbot = \"b\"\n").what.rfind("danectl.toml:2: not valid TOML: ", 0) == 0);
  CHECK(trouble("certbot = \"\xff\"").what.rfind("danectl.toml:1: not valid TOML: ", 0) == 0);
}

TEST_CASE("a character beyond ASCII outside strings and comments is refused with its line") {
  CHECK(trouble("# ü\nstate_dir\u00a0= \"/ü\"\n").what ==
        "danectl.toml:2: not valid TOML: a character that is not ASCII outside a string");
  CHECK(good("# ü\nstate_dir = \"/ü\"\n").state_dir == "/ü");
}

TEST_CASE("a key of very many parts is refused and does not end the program") {
  std::string deep = "a";
  for (int part = 0; part < 200000; ++part) deep += ".a";
  CHECK(trouble(deep + " = 1").what == "danectl.toml:1: not valid TOML: a key of too many parts");
}

TEST_CASE("of several mistakes the first in the file is shown") {
  CHECK(trouble("state_dir = \"relative\"\n[dns]\ntimeout = 1\n[wrong]\n").what ==
        "danectl.toml:1: key \"state_dir\": 'relative' is not an absolute path");
  CHECK(trouble("wrong = 1\nstate_dir = \"relative\"\n").what == "danectl.toml:1: key \"wrong\": unknown");
}

TEST_CASE("a bad value in an array is refused at its own line") {
  CHECK(trouble("[dns]\nignore = [\n  \"ns1.example\",\n  \"192.0.2\",\n]\n").what ==
        "danectl.toml:4: key \"dns.ignore\": '192.0.2' is no name, address or prefix");
}

TEST_CASE("a duration without a unit, below nought or of nothing is refused") {
  for (const char* value : {"5", "-5s", "", "5 s", "1.5h", "0s", "5w"}) {
    const Error error = trouble("[dns]\ntimeout = \"" + std::string(value) + "\"");
    CHECK(error.what.rfind("danectl.toml:2: key \"dns.timeout\": '" + std::string(value) + "' ", 0) == 0);
    CHECK_FALSE(error.hint.empty());
  }
}

TEST_CASE("paths must be absolute") {
  for (const char* key : {"certbot_dir", "state_dir", "dns.trust_anchor", "dns.unbound_conf", "publish.key_file",
                          "publish.include_file"}) {
    CHECK(trouble(std::string(key) + " = \"etc/x\"").what ==
          "danectl.toml:1: key \"" + std::string(key) + "\": 'etc/x' is not an absolute path");
  }
  CHECK(trouble("state_dir = \"\"").what == "danectl.toml:1: key \"state_dir\": '' is not an absolute path");
}

TEST_CASE("a program relative to a folder is refused") {
  CHECK(trouble("certbot = \"venv/bin/certbot\"").what ==
        "danectl.toml:1: key \"certbot\": the program 'venv/bin/certbot' is relative to a folder");
  CHECK(trouble("certbot = \"\"").what == "danectl.toml:1: key \"certbot\": a command without a program");
}

TEST_CASE("control characters are refused in names and paths, and NUL in arguments") {
  CHECK(trouble("state_dir = \"/a\\nb\"").what == "danectl.toml:1: key \"state_dir\": has a control character");
  CHECK(trouble("certbot_args = [\"a\\u0000b\"]").what == "danectl.toml:1: key \"certbot_args\": has a NUL character");
  CHECK(good("certbot_args = [\"a\\nb\"]").certbot_args == std::vector<std::string>{"a\nb"});
}

TEST_CASE("a warning that comes no earlier than critical is refused") {
  CHECK(trouble("[check]\nwarning = \"10d\"\n").what ==
        "danectl.toml:2: key \"check.warning\": warning (10d) must be longer than critical (10d)");
  CHECK(trouble("[check]\ncritical = \"30d\"\n").what ==
        "danectl.toml:2: key \"check.critical\": warning (20d) must be longer than critical (30d)");
  CHECK(trouble("[check]\nwarning = \"5d\"\ncritical = \"x\"\n").what ==
        "danectl.toml:3: key \"check.critical\": 'x' is not a duration");
}

TEST_CASE("whether keys may be shared is true or false, and no string") {
  CHECK(good("[check]\nshared_keys = true\n").check.shared_keys);
  const Error error = trouble("[check]\nshared_keys = \"no\"\n");
  CHECK(error.what == "danectl.toml:2: key \"check.shared_keys\": a boolean is wanted, not a string");
  CHECK(error.hint == "true or false, without quotes");
  CHECK(trouble("[dns]\ntimeout = true\n").what ==
        "danectl.toml:2: key \"dns.timeout\": a string is wanted, not a boolean");
}

TEST_CASE("a resolver that is no address is refused") {
  for (const char* value :
       {"\"dns.example.com\"", "\"192.0.2.53\"", "[]", "[\"ns.example\"]", "[\"192.0.2.53:0\"]", "[\"192.0.2.53:x\"]",
        "[\"192.0.2.53:65536\"]", "[\"[192.0.2.53]:53\"]", "[\"[2001:db8::53\"]", "[\"[2001:db8::53]53\"]",
        "[\"[2001:db8::53]:\"]", "[\"192.0.2.53@53\"]", "[\"\"]"}) {
    const Error error = trouble("[dns]\nresolver = " + std::string(value));
    CHECK(error.what.rfind("danectl.toml:2: key \"dns.resolver\": ", 0) == 0);
    CHECK_FALSE(error.hint.empty());
  }
}

TEST_CASE("a way to publish that does not exist is refused") {
  const Error error = trouble("[publish]\nmethod = \"route53\"");
  CHECK(error.what == "danectl.toml:2: key \"publish.method\": 'route53' is not a way to publish");
  CHECK(error.hint == "\"print\", \"nsupdate\", \"include\" or \"hook\"");
}

TEST_CASE("a way to publish without what it needs is refused") {
  CHECK(trouble("[publish]\nmethod = \"include\"").what ==
        "danectl.toml:2: key \"publish.method\": \"include\" needs include_file");
  CHECK(trouble("[publish]\nmethod = \"hook\"").what ==
        "danectl.toml:2: key \"publish.method\": \"hook\" needs command");
  CHECK(good("[publish]\nmethod = \"include\"\ninclude_file = \"/etc/bind/tlsa.inc\"\ncommand = [\"/usr/sbin/rndc\"]")
            .publish.method == PublishMethod::include);
  CHECK(good("[publish]\nmethod = \"hook\"\ncommand = [\"/usr/local/bin/dns\"]").publish.method == PublishMethod::hook);
}

TEST_CASE("a TTL of nothing or beyond 31 bits is refused") {
  CHECK(trouble("[publish]\nttl = \"0s\"").what == "danectl.toml:2: key \"publish.ttl\": '0s' is too short");
  CHECK(trouble("[publish]\nttl = \"30000d\"").what ==
        "danectl.toml:2: key \"publish.ttl\": '30000d' is too long for a TTL");
}

TEST_CASE("a server for updates that would write a second line of the script is refused") {
  for (const char* value :
       {"ns1.example.com\\nupdate delete example.com", "ns1.example.com 53", "192.0.2", "[ns1]:53"}) {
    const Error error = trouble("publish.server = \"" + std::string(value) + "\"");
    CHECK(error.what.rfind("danectl.toml:1: key \"publish.server\": ", 0) == 0);
  }
}
