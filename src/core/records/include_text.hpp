// The file of TLSA records that a zone file $INCLUDEs ([publish] method = "include").
#pragma once

#include "core/base/time.hpp"
#include "core/dns/association.hpp"
#include "core/dns/dns_name.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace danectl {

struct IncludedRecord {
  DnsName owner;
  Seconds ttl{};
  Association association;
  bool operator==(const IncludedRecord&) const = default;
};

// `OWNER. TTL IN TLSA U S M HEX`, or TYPE52, a line, sorted, below a comment that says what the file is.
std::string include_text(std::vector<IncludedRecord> records, RecordForm form = RecordForm::tlsa);

// Reads that again, in either form, comments and empty lines apart. Any other line is an error (failed) that names
// `path` and the line: it would be lost when the file is written anew.
Result<std::vector<IncludedRecord>> parse_include(std::string_view text, const std::string& path);

}  // namespace danectl
