// Reports of `check` as the tests of its formats want them.
#pragma once

#include "app/check/check_view.hpp"
#include "fakes/endpoints.hpp"
#include "fakes/looks.hpp"

#include <sstream>

namespace danectl {

inline EndpointView verified_at(const std::string& address, const std::string& lineage = "mx.example.com") {
  EndpointView endpoint = endpoint_at(address, EndpointView::Verdict::verified, lineage);
  endpoint.groups = {{Group{3, 1, 1}, true}};
  endpoint.protocol = "TLSv1.3";
  endpoint.not_after = at(57 * 86400).wall;
  return endpoint;
}

// One lineage, one owner, one server on an IPv4 address, at(0): nothing is wrong.
inline CheckReport healthy_report() {
  CheckReport report;
  report.now = at(0).wall;
  report.endpoints = {verified_at("192.0.2.25")};
  LineageGauges lineage;
  lineage.name = "mx.example.com";
  lineage.not_before = at(-33 * 86400).wall;
  lineage.not_after = at(57 * 86400).wall;
  report.lineages = {lineage};
  OwnerGauges owner;
  owner.owner = test_owner().text();
  owner.dnssec = "secure";
  owner.records = 2;
  owner.ttl = Seconds{3600};
  owner.signature_ends = at(12 * 86400).wall;
  report.owners = {owner};
  report.last_run = at(-600).wall;
  return report;
}

inline Finding mismatch_finding() {
  return {FindingId::tlsa_mismatch,
          Severity::critical,
          "mx.example.com",
          test_owner().text(),
          "smtp://mx.example.com:25",
          "192.0.2.25",
          "the key is not the published one",
          "reload the server"};
}

inline Finding expiry_finding() {
  return {FindingId::certificate_ends,
          Severity::warning,
          "mx.example.com",
          {},
          {},
          {},
          "the deployed certificate ends in 15 d",
          "certbot renew --cert-name mx.example.com"};
}

// A critical and a warning, in_order().
inline CheckReport troubled_report() {
  CheckReport report = healthy_report();
  report.findings = {mismatch_finding(), expiry_finding()};
  report.endpoints.front().verdict = EndpointView::Verdict::mismatch;
  report.endpoints.front().groups = {{Group{2, 1, 1}, true}, {Group{3, 1, 1}, false}};
  return report;
}

}  // namespace danectl
