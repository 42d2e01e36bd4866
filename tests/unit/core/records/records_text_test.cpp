#include "core/records/records_text.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace danectl;

namespace {

DnsName name(const std::string& text) {
  return DnsName::parse(text).value();
}

Association record(char digit, Group group = {3, 1, 1}) {
  return {group, std::string(group.mtype == 2 ? 128 : 64, digit)};
}

WantedRRset rrset(const std::string& owner, const std::string& canonical = {}) {
  const DnsName end = name(canonical.empty() ? owner : canonical);
  return {name(owner), end, name("example.com"), Seconds{3600}, {}};
}

// A current and a next key on one owner.
WantedRRset usual() {
  WantedRRset wanted = rrset("_25._tcp.mx.example.com");
  wanted.add(record('a'), RecordRole::current, "mx.example.com");
  wanted.add(record('b'), RecordRole::next, "mx.example.com");
  return wanted;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

Config with_server(const std::string& server) {
  Config config;
  config.publish.server = server;
  return config;
}

std::string zone_text(const std::vector<WantedRRset>& rrsets) {
  return zone_text(rrsets, Config{});
}

std::string nsupdate_text(const std::vector<WantedRRset>& rrsets, const std::string& server) {
  return nsupdate_text(rrsets, with_server(server));
}

const std::string a64(64, 'a');
const std::string b64(64, 'b');

}  // namespace

TEST_CASE("zone format is a record a line with what it is for") {
  CHECK(zone_text({usual()}) == "_25._tcp.mx.example.com. 3600 IN TLSA 3 1 1 " + a64 +
                                    " ; current key of mx.example.com\n"
                                    "_25._tcp.mx.example.com. 3600 IN TLSA 3 1 1 " +
                                    b64 + " ; next key of mx.example.com\n");
}

TEST_CASE("candidates and retiring records say what they are") {
  WantedRRset wanted = rrset("_25._tcp.mx.example.com");
  wanted.add(record('a'), RecordRole::candidate, "mx");
  wanted.add(record('b'), RecordRole::retiring, "mx");
  CHECK(count(zone_text({wanted}), " ; candidate key of mx\n") == 1);
  CHECK(count(zone_text({wanted}), " ; retiring from mx\n") == 1);
}

TEST_CASE("an alias is printed under its canonical name with a line that says so") {
  WantedRRset wanted = rrset("_25._tcp.mx.example.com", "_dane.example.com");
  wanted.add(record('a'), RecordRole::current, "mx");
  CHECK(zone_text({wanted}) ==
        "; _25._tcp.mx.example.com. is an alias of _dane.example.com.\n"
        "_dane.example.com. 3600 IN TLSA 3 1 1 " +
            a64 + " ; current key of mx\n");
}

TEST_CASE("several aliases of one name give its records once, of all of them") {
  WantedRRset one = rrset("_25._tcp.mx1.example.com", "_dane.example.com");
  WantedRRset two = rrset("_25._tcp.mx2.example.com", "_dane.example.com");
  one.add(record('a'), RecordRole::current, "mx");
  two.add(record('a'), RecordRole::current, "mx");
  two.add(record('b'), RecordRole::next, "other");
  CHECK(zone_text({one, two}) ==
        "; _25._tcp.mx1.example.com. is an alias of _dane.example.com.\n"
        "; _25._tcp.mx2.example.com. is an alias of _dane.example.com.\n"
        "_dane.example.com. 3600 IN TLSA 3 1 1 " +
            a64 +
            " ; current key of mx\n"
            "_dane.example.com. 3600 IN TLSA 3 1 1 " +
            b64 + " ; next key of other\n");
  CHECK(count(rfc3597_text({one, two}), "\n") == 2);
  CHECK(count(nsupdate_text({one, two}, ""), "update add") == 2);
}

TEST_CASE("a record that two lineages want is there once, for both") {
  WantedRRset wanted = rrset("_25._tcp.mx.example.com");
  wanted.add(record('a'), RecordRole::retiring, "one");
  wanted.add(record('a'), RecordRole::next, "two");
  wanted.add(record('a'), RecordRole::current, "three");
  wanted.add(record('a'), RecordRole::current, "four");
  wanted.add(record('a'), RecordRole::current, "four");
  REQUIRE(wanted.records.size() == 1);
  CHECK(count(zone_text({wanted}),
              " ; current key of three, current key of four, next key of two, retiring from one\n") == 1);
}

TEST_CASE("rfc3597 format has the type's number and the data's length, and no comments") {
  WantedRRset wanted = rrset("_25._tcp.mx.example.com", "_dane.example.com");
  wanted.add(record('a'), RecordRole::current, "mx");
  wanted.add(record('b', {3, 1, 2}), RecordRole::current, "mx");
  CHECK(rfc3597_text({wanted}) == "_dane.example.com. 3600 IN TYPE52 \\# 35 030101" + a64 +
                                      "\n"
                                      "_dane.example.com. 3600 IN TYPE52 \\# 67 030102" +
                                      b64 + b64 + "\n");
}

TEST_CASE("nsupdate format adds, and deletes nothing") {
  CHECK(nsupdate_text({usual()}, "192.0.2.1 5353") ==
        "server 192.0.2.1 5353\n"
        "zone example.com.\n"
        "; current key of mx.example.com\n"
        "update add _25._tcp.mx.example.com. 3600 IN TLSA 3 1 1 " +
            a64 +
            "\n"
            "; next key of mx.example.com\n"
            "update add _25._tcp.mx.example.com. 3600 IN TLSA 3 1 1 " +
            b64 + "\nsend\n");
}

TEST_CASE("nsupdate format leaves the server to nsupdate when none is configured") {
  CHECK(nsupdate_text({usual()}, "").rfind("zone example.com.\n", 0) == 0);
}

TEST_CASE("each zone is updated by messages of its own, and unknown zones come first, a name at a time") {
  WantedRRset unknown_one = usual();
  unknown_one.zone = std::nullopt;
  WantedRRset unknown_two = rrset("_25._tcp.mx.example.org");
  unknown_two.zone = std::nullopt;
  unknown_two.add(record('c'), RecordRole::current, "org");
  WantedRRset net = rrset("_25._tcp.mx.example.net");
  net.zone = name("example.net");
  net.add(record('d'), RecordRole::current, "net");
  WantedRRset com = rrset("_25._tcp.mail.example.com");
  com.add(record('e'), RecordRole::current, "com");

  const std::string script = nsupdate_text({net, unknown_one, com, unknown_two}, "");
  const auto at = [&](const std::string& part) { return script.find(part); };
  CHECK(count(script, "send\n") == 4);
  CHECK(count(script, "zone ") == 2);
  CHECK(at("_25._tcp.mx.example.com.") < at("_25._tcp.mx.example.org."));
  CHECK(at("_25._tcp.mx.example.org.") < at("zone example.com."));
  CHECK(at("zone example.com.") < at("_25._tcp.mail.example.com."));
  CHECK(at("_25._tcp.mail.example.com.") < at("zone example.net."));
  CHECK(at("zone example.net.") < at("_25._tcp.mx.example.net."));
}

TEST_CASE("each name goes to the server of its section, those without one first, and is written in its form") {
  Config config = with_server("192.0.2.1");
  config.publish_zones = {{name("example.net"), {}}, {name("example.org"), config.publish}};
  config.publish_zones.back().publish.form = RecordForm::rfc3597;
  WantedRRset net = rrset("_25._tcp.mx.example.net");
  net.zone = name("example.net");
  net.add(record('d'), RecordRole::current, "net");
  WantedRRset org = rrset("_25._tcp.mx.example.com", "tlsa._dane.example.org");
  org.zone = name("example.org");
  org.add(record('e'), RecordRole::current, "org");
  const std::string script = nsupdate_text({usual(), org, net}, config);
  const auto at = [&](const std::string& part) { return script.find(part); };
  CHECK(script.starts_with("zone example.net.\n"));
  CHECK(count(script, "server ") == 1);
  CHECK(at("_25._tcp.mx.example.net. 3600 IN TLSA") < at("server 192.0.2.1\n"));
  CHECK(at("server 192.0.2.1\n") < at("zone example.com.\n"));
  const std::string unknown_type = "tlsa._dane.example.org. 3600 IN TYPE52 \\# 35 030101" + std::string(64, 'e');
  CHECK(count(script, "update add " + unknown_type + "\n") == 1);
  CHECK(count(zone_text({org}, config), unknown_type + " ; current key of org\n") == 1);
}

TEST_CASE("names of one zone share a message") {
  WantedRRset mail = rrset("_25._tcp.mail.example.com");
  mail.add(record('e'), RecordRole::current, "com");
  const std::string script = nsupdate_text({usual(), mail}, "");
  CHECK(count(script, "send\n") == 1);
  CHECK(count(script, "zone ") == 1);
}

TEST_CASE("a message never has more than 100 updates") {
  WantedRRset wanted = rrset("_25._tcp.mx.example.com");
  for (int i = 0; i < 250; ++i) {
    std::string hex = std::to_string(1000 + i);
    hex.append(64 - hex.size(), '0');
    wanted.add({{3, 1, 1}, hex}, RecordRole::current, "mx");
  }
  const std::string script = nsupdate_text({wanted}, "");
  CHECK(count(script, "update add") == 250);
  CHECK(count(script, "zone example.com.\n") == 3);
  std::size_t start = 0;
  for (std::size_t end = script.find("send\n"); end != std::string::npos; end = script.find("send\n", start)) {
    CHECK(count(script.substr(start, end - start), "update add") <= 100);
    start = end + 5;
  }
  CHECK(start == script.size());
}

TEST_CASE("json has each owner, aliases too, and one lineage and role a record") {
  WantedRRset alias = rrset("_465._tcp.mx.example.com", "_25._tcp.mx.example.com");
  alias.add(record('a'), RecordRole::next, "two");
  alias.add(record('a'), RecordRole::current, "one");
  const std::string text = json_text({usual(), alias});
  const auto document = nlohmann::json::parse(text);
  CHECK(document ==
        nlohmann::json{{"version", 1},
                       {"owners",
                        {{{"name", "_25._tcp.mx.example.com"},
                          {"canonical", "_25._tcp.mx.example.com"},
                          {"ttl", 3600},
                          {"records",
                           {{{"record", "3 1 1 " + a64}, {"lineage", "mx.example.com"}, {"role", "current"}},
                            {{"record", "3 1 1 " + b64}, {"lineage", "mx.example.com"}, {"role", "next"}}}}},
                         {{"name", "_465._tcp.mx.example.com"},
                          {"canonical", "_25._tcp.mx.example.com"},
                          {"ttl", 3600},
                          {"records", {{{"record", "3 1 1 " + a64}, {"lineage", "one"}, {"role", "current"}}}}}}}});
  CHECK(text.rfind("{\n  \"version\": 1,\n  \"owners\": [\n    {\n      \"name\": \"_25", 0) == 0);
  CHECK(text.back() == '\n');
}

TEST_CASE("an owner whose canonical name is not known is left out for nsupdate, and null in json") {
  WantedRRset unknown = rrset("_465._tcp.mx.example.com", "_465._tcp.mx.example.com");
  unknown.add(record('a'), RecordRole::current, "one");
  unknown.canonical_is = WantedRRset::Canonical::unknown;
  CHECK(nsupdate_text({usual(), unknown}, "") == nsupdate_text({usual()}, ""));
  CHECK(nsupdate_text({unknown}, "192.0.2.1").empty());
  CHECK(nlohmann::json::parse(json_text({unknown}))["owners"][0]["canonical"].is_null());
  CHECK(nlohmann::json::parse(json_text(only({unknown}, RecordRole::current)))["owners"][0]["canonical"].is_null());
  CHECK(zone_text({unknown}).starts_with("_465._tcp.mx.example.com. 3600 IN TLSA "));
}

TEST_CASE("json without owners has an empty array") {
  CHECK(json_text({}) == "{\n  \"version\": 1,\n  \"owners\": []\n}\n");
}

TEST_CASE("only one role can be asked for") {
  WantedRRset wanted = usual();
  wanted.add(record('a'), RecordRole::next, "other");
  const auto left = only({wanted}, RecordRole::next);
  REQUIRE(left.size() == 1);
  REQUIRE(left[0].records.size() == 2);
  CHECK(left[0].records[0].uses == std::vector<RecordUse>{{RecordRole::next, "other"}});
  CHECK(left[0].records[1].uses == std::vector<RecordUse>{{RecordRole::next, "mx.example.com"}});
  CHECK(zone_text(only({usual()}, RecordRole::retiring)).empty());
  CHECK(nsupdate_text(only({usual()}, RecordRole::retiring), "192.0.2.1").empty());
}

TEST_CASE("formats and roles are known by their names") {
  CHECK(parse_record_format("zone").value() == RecordFormat::zone);
  CHECK(parse_record_format("nsupdate").value() == RecordFormat::nsupdate);
  CHECK(parse_record_format("rfc3597").value() == RecordFormat::rfc3597);
  CHECK(parse_record_format("json").value() == RecordFormat::json);
  CHECK(parse_record_format("bind").error().kind == ErrorKind::invalid);
  CHECK(parse_record_role("candidate").value() == RecordRole::candidate);
  CHECK(parse_record_role("all").error().kind == ErrorKind::invalid);
}

TEST_CASE("records are given in the format asked for") {
  const std::vector<WantedRRset> wanted{usual()};
  CHECK(records_text(wanted, RecordFormat::zone, Config{}) == zone_text(wanted));
  CHECK(records_text(wanted, RecordFormat::rfc3597, Config{}) == rfc3597_text(wanted));
  CHECK(records_text(wanted, RecordFormat::nsupdate, with_server("ns1")) == nsupdate_text(wanted, "ns1"));
  CHECK(records_text(wanted, RecordFormat::json, Config{}) == json_text(wanted));
}
