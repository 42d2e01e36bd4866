#include "app/check/check_json.hpp"

#include "fakes/check_reports.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace danectl;

TEST_CASE("the document of a healthy report has its keys in order and no finding", "[check_json]") {
  CHECK(check_json(healthy_report()).dump() ==
        R"({"version":1,"status":"OK","findings":[],"endpoints":[{"lineage":"mx.example.com",)"
        R"("owner":"_25._tcp.mx.example.com","endpoint":"smtp://mx.example.com:25","address":"192.0.2.25",)"
        R"("verdict":"verified","why":null,"protocol":"TLSv1.3","groups":[{"group":"3 1 1","match":true}],)"
        R"("not_after":"2030-02-27T00:00:00Z"}],"owners":[{"owner":"_25._tcp.mx.example.com","dnssec":"secure",)"
        R"("records":2,"ttl":3600,"signature_ends":"2030-01-13T00:00:00Z","left_out":[]}],"domains":[]})");
}

TEST_CASE("a finding has every key, and null where it does not apply", "[check_json]") {
  CheckReport report = troubled_report();
  report.findings.back().remedy.clear();
  const auto document = check_json(report);
  CHECK(document["status"] == "CRITICAL");
  CHECK(
      document["findings"][0].dump() ==
      R"({"id":"tlsa-mismatch","severity":"CRITICAL","domain":null,"lineage":"mx.example.com",)"
      R"("owner":"_25._tcp.mx.example.com","endpoint":"smtp://mx.example.com:25","address":"192.0.2.25","message":"the key is not the published one",)"
      R"("remedy":"reload the server"})");
  CHECK(
      document["findings"][1].dump() ==
      R"({"id":"certificate-ends","severity":"WARNING","domain":null,"lineage":"mx.example.com","owner":null,"endpoint":null,)"
      R"("address":null,"message":"the deployed certificate ends in 15 d","remedy":null})");
}

TEST_CASE("what is not known of an owner is null", "[check_json]") {
  CheckReport report = healthy_report();
  OwnerGauges owner;
  owner.owner = test_owner().text();
  owner.dnssec = "unknown";
  owner.left_out = {"ns2.example.com: no route"};
  report.owners = {owner};
  CHECK(check_json(report)["owners"][0].dump() ==
        R"({"owner":"_25._tcp.mx.example.com","dnssec":"unknown","records":null,"ttl":null,"signature_ends":null,)"
        R"("left_out":["ns2.example.com: no route"]})");
}

TEST_CASE("a message that is not UTF-8 makes a document all the same", "[check_json]") {
  CheckReport report = troubled_report();
  report.findings.front().message = "\xc3\x28 \xed\xa0\x80 \xf4\x90\x80\x80 \xe2\x82";
  report.findings.front().remedy = "\xf0\x9f\x94\x91";
  const std::string text = check_json(report).dump();
  CHECK(text.find(R"("message":"?( ??? ???? ??")") != std::string::npos);
  CHECK(text.find("\"remedy\":\"\xf0\x9f\x94\x91\"") != std::string::npos);
}
