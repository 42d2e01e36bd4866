// The wanted TLSA RRsets in the formats of `danectl records`. Pure text; what is wanted is decided elsewhere.
#pragma once

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/config/config.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace danectl {

// In the order of precedence: a record wanted for several reasons is shown with the first of them.
enum class RecordRole { current, next, candidate, retiring };
std::string_view to_text(RecordRole role);
Result<RecordRole> parse_record_role(std::string_view text);

enum class RecordFormat { zone, nsupdate, rfc3597, json };
Result<RecordFormat> parse_record_format(std::string_view text);

// Who wants a record, and what for.
struct RecordUse {
  RecordRole role;
  std::string lineage;
  bool operator==(const RecordUse&) const = default;
};

struct WantedRecord {
  Association association;
  std::vector<RecordUse> uses;  // by precedence, then in the order they were added; never empty
  bool operator==(const WantedRecord&) const = default;
};

struct WantedRRset {
  DnsName owner;
  DnsName canonical;            // where the CNAMEs of the owner end; the owner itself when it is no alias
  std::optional<DnsName> zone;  // of the canonical name; nothing: not known
  Seconds ttl{};
  std::vector<WantedRecord> records;  // each association once
  // Whether `canonical` was seen; else it is the owner, for want of a better name.
  enum class Canonical { seen, unknown } canonical_is = Canonical::seen;
  std::optional<Error> held{};  // why the first records are not among `records`

  // One more reason for a record; the record is added when it is not there.
  void add(const Association& association, RecordRole role, const std::string& lineage);
};

// Only what has this role, of all RRsets; those left without a record stay, empty.
std::vector<WantedRRset> only(const std::vector<WantedRRset>& rrsets, RecordRole role);

// What is to be published: an RRset a canonical name, with the records of all its aliases.
std::vector<WantedRRset> by_canonical_name(const std::vector<WantedRRset>& rrsets);

// `OWNER. TTL IN TLSA U S M HEX ; current key of NAME` a line, under the canonical name; a comment line for each alias.
// As TYPE52 where `config` says so.
std::string zone_text(const std::vector<WantedRRset>& rrsets, const Config& config);

// `OWNER. TTL IN TYPE52 \# LEN HEX` a line (RFC 3597 section 5), without comments.
std::string rfc3597_text(const std::vector<WantedRRset>& rrsets);

// A script for nsupdate that adds and deletes nothing. `config` gives server and form for each name; those without a
// server come first, since nsupdate then asks the zone's SOA record, and keeps a `server` for all that follows. A
// message of at most 100 updates for each zone; where the zone is not known, for each name. Nothing for an owner whose
// canonical name is not known.
std::string nsupdate_text(const std::vector<WantedRRset>& rrsets, const Config& config);

// The document of `records --format json`: each owner, aliases too; "canonical" is null when it is not known.
std::string json_text(const std::vector<WantedRRset>& rrsets);

std::string records_text(const std::vector<WantedRRset>& rrsets, RecordFormat format, const Config& config);

}  // namespace danectl
