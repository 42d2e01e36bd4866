// What `check` has found: one thing that is wrong, how bad it is, and what to do. The ids are an interface: scripts and
// danectl-check(7) know them.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace danectl {

// In the order in which the worst counts.
enum class Severity {
  ok,
  unknown,   // it could not be looked at
  warning,   // a margin is lost
  critical,  // senders that check DANE defer now, or will at the next step
};
std::string_view to_text(Severity severity);  // "OK", "UNKNOWN", "WARNING", "CRITICAL"

enum class FindingId {
  // DNS
  resolver_unusable,
  resolver_differs,
  not_signed,
  bogus,
  clock_off,
  lookup_failed,
  lookup_timeout,
  no_records,
  no_usable_records,
  nxdomain_above,
  server_without_tlsa,
  server_silent,
  server_invalid,
  servers_disagree,
  serials_differ,
  delegation_differs,
  ttls_differ,
  host_not_secure,
  mx_not_secure,
  no_such_domain,
  unusable_exchange,
  mta_sts_differs,
  host_is_alias,
  long_alias_chain,
  signature_ends,
  answer_too_large,
  answer_without_tcp,
  ttl_short,
  ttl_long,
  // Records
  current_not_published,
  next_not_published,
  next_not_ready,
  no_next_record,
  group_mismatch,
  pkix_usage,
  cert_selector,
  full_data,
  duplicate_record,
  wrong_length,
  empty_digest,
  too_many_records,
  foreign_record,
  retiring_overdue,
  owners_disagree,
  shared_key,
  // Live servers
  owner_not_probed,
  host_without_address,
  endpoint_not_asked,
  connect_failed,
  greeting_failed,
  refused_for_now,
  starttls_missing,
  handshake_failed,
  old_protocol,
  tlsa_mismatch,
  tlsa_mismatch_without_sni,
  ta_not_sent,
  name_mismatch,
  other_key_served,
  served_certificate_ends,
  served_certificate_ended,
  older_certificate_served,
  other_folder_loaded,
  served_chain_incomplete,
  // Ahead of time
  not_deployed,
  deployed_files_damaged,
  certbot_lineage_damaged,
  certbot_not_found,
  certificate_ends,
  renewal_overdue,
  reuse_key_lost,
  certbot_settings,
  deploy_hook_missing,
  hook_failed,
  publishing_impossible,
  publish_failed,
  reload_program_missing,
  reload_pending,
  candidate_waiting,
  new_issuer_not_published,
  issuers_unread,
  state_old,
  others_may_write,
  secret_readable,
  not_readable,
};
inline constexpr std::size_t finding_id_count = static_cast<std::size_t>(FindingId::not_readable) + 1;

std::string_view to_text(FindingId id);  // "not-signed": the names above, with '-'

struct Finding {
  FindingId id;
  Severity severity = Severity::warning;
  std::string lineage{};   // each of these empty where it does not apply
  std::string owner{};     // "_25._tcp.mx.example.com", without the dot at the end
  std::string endpoint{};  // "smtp://mx.example.com:25"
  std::string address{};   // "192.0.2.25": of the endpoint or the name server
  std::string message;     // what is wrong, without a full stop
  std::string remedy{};    // what to do
  std::string domain{};    // "example.org": a mail domain that was asked for; empty where it does not apply
};

// Of all findings; ok when there is none.
Severity worst(const std::vector<Finding>& findings);

// Worst first, then by lineage, owner, endpoint, address and id; what is the same in all is there once.
std::vector<Finding> in_order(std::vector<Finding> findings);

}  // namespace danectl
