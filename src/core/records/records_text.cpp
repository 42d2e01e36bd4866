#include "core/records/records_text.hpp"

#include "core/config/publish_config.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

namespace danectl {

namespace {

// "current key of mx.example.com, next key of mail.example.com"
std::string purpose(const WantedRecord& record) {
  std::string text;
  for (const RecordUse& use : record.uses) {
    if (!text.empty()) text += ", ";
    const char* of = use.role == RecordRole::retiring      ? "from"
                     : record.association.group.usage == 2 ? "issuer of"
                                                           : "key of";
    text += fmt::format("{} {} {}", to_text(use.role), of, use.lineage);
  }
  return text;
}

// The comment lines that say whose records stand under a canonical name.
std::string alias_lines(const std::vector<WantedRRset>& rrsets, const DnsName& canonical) {
  std::string text;
  for (const WantedRRset& rrset : rrsets) {
    if (rrset.canonical != canonical || rrset.owner == canonical) continue;
    text += fmt::format("; {} is an alias of {}\n", rrset.owner.with_dot(), canonical.with_dot());
  }
  return text;
}

std::string record_line(const WantedRRset& rrset, const Association& association, RecordForm form) {
  return fmt::format("{} {} IN {}", rrset.canonical.with_dot(), rrset.ttl.count(), record_text(association, form));
}

// The updates of one message after the other; a message must fit 64 KiB, and 1000 TLSA records do not.
class UpdateScript {
 public:
  void begin(const std::string& server, const std::optional<DnsName>& zone) {
    send();
    if (server != server_) text_ += fmt::format("server {}\n", server);
    server_ = server;
    zone_ = zone;
  }
  void add(const std::string& lines) {
    constexpr int most_a_message = 100;
    if (updates_ == most_a_message) send();
    if (updates_ == 0 && zone_) text_ += fmt::format("zone {}\n", zone_->with_dot());
    text_ += lines;
    ++updates_;
  }
  void comment(const std::string& lines) { text_ += lines; }
  std::string finish() {
    send();
    return text_;
  }

 private:
  void send() {
    if (updates_ != 0) text_ += "send\n";
    updates_ = 0;
  }

  std::string text_;
  std::string server_;
  std::optional<DnsName> zone_;
  int updates_ = 0;
};

}  // namespace

std::string_view to_text(RecordRole role) {
  switch (role) {
    case RecordRole::current:
      return "current";
    case RecordRole::next:
      return "next";
    case RecordRole::candidate:
      return "candidate";
    case RecordRole::retiring:
      break;
  }
  return "retiring";
}

Result<RecordRole> parse_record_role(std::string_view text) {
  for (const auto role : {RecordRole::current, RecordRole::next, RecordRole::candidate, RecordRole::retiring}) {
    if (text == to_text(role)) return role;
  }
  return invalid(fmt::format("'{}' is not what a record can be wanted for", text),
                 "current, next, candidate or retiring");
}

Result<RecordFormat> parse_record_format(std::string_view text) {
  if (text == "zone") return RecordFormat::zone;
  if (text == "nsupdate") return RecordFormat::nsupdate;
  if (text == "rfc3597") return RecordFormat::rfc3597;
  if (text == "json") return RecordFormat::json;
  return invalid(fmt::format("'{}' is not a format of records", text), "zone, nsupdate, rfc3597 or json");
}

void WantedRRset::add(const Association& association, RecordRole role, const std::string& lineage) {
  auto record = std::find_if(records.begin(), records.end(),
                             [&](const WantedRecord& known) { return known.association == association; });
  if (record == records.end()) record = records.insert(records.end(), WantedRecord{association, {}});
  const RecordUse use{role, lineage};
  auto& uses = record->uses;
  if (std::find(uses.begin(), uses.end(), use) != uses.end()) return;
  const auto behind = std::find_if(uses.begin(), uses.end(), [&](const RecordUse& known) { return known.role > role; });
  uses.insert(behind, use);
}

std::vector<WantedRRset> only(const std::vector<WantedRRset>& rrsets, RecordRole role) {
  std::vector<WantedRRset> left;
  for (const WantedRRset& rrset : rrsets) {
    WantedRRset kept{rrset.owner, rrset.canonical, rrset.zone, rrset.ttl, {}, rrset.canonical_is};
    for (const WantedRecord& record : rrset.records) {
      for (const RecordUse& use : record.uses) {
        if (use.role == role) kept.add(record.association, use.role, use.lineage);
      }
    }
    left.push_back(std::move(kept));
  }
  return left;
}

std::vector<WantedRRset> by_canonical_name(const std::vector<WantedRRset>& rrsets) {
  std::vector<WantedRRset> merged;
  std::map<DnsName, std::size_t> place;
  for (const WantedRRset& rrset : rrsets) {
    const auto [known, is_new] = place.emplace(rrset.canonical, merged.size());
    if (is_new) merged.push_back({rrset.canonical, rrset.canonical, rrset.zone, rrset.ttl, {}});
    WantedRRset& target = merged[known->second];
    if (!target.zone) target.zone = rrset.zone;
    for (const WantedRecord& record : rrset.records) {
      for (const RecordUse& use : record.uses) target.add(record.association, use.role, use.lineage);
    }
  }
  return merged;
}

std::string zone_text(const std::vector<WantedRRset>& rrsets, const Config& config) {
  std::string text;
  for (const WantedRRset& rrset : by_canonical_name(rrsets)) {
    if (rrset.records.empty()) continue;
    text += alias_lines(rrsets, rrset.canonical);
    const RecordForm form = publish_for(config, rrset.canonical).form;
    for (const WantedRecord& record : rrset.records) {
      text += fmt::format("{} ; {}\n", record_line(rrset, record.association, form), purpose(record));
    }
  }
  return text;
}

std::string rfc3597_text(const std::vector<WantedRRset>& rrsets) {
  std::string text;
  for (const WantedRRset& rrset : by_canonical_name(rrsets)) {
    for (const WantedRecord& record : rrset.records) {
      text += record_line(rrset, record.association, RecordForm::rfc3597) + "\n";
    }
  }
  return text;
}

std::string nsupdate_text(const std::vector<WantedRRset>& rrsets, const Config& config) {
  // An update must go to where the aliases end; at the owner it would be refused, or shadowed by its CNAME.
  std::vector<WantedRRset> known = rrsets;
  std::erase_if(known, [](const WantedRRset& rrset) { return rrset.canonical_is == WantedRRset::Canonical::unknown; });
  auto names = by_canonical_name(known);
  std::erase_if(names, [](const WantedRRset& rrset) { return rrset.records.empty(); });
  // Names of unknown zones come first, too: nsupdate keeps a `zone` for the messages that follow.
  const auto place = [&](const WantedRRset& rrset) {
    return std::pair(publish_for(config, rrset.canonical).server, rrset.zone);
  };
  std::stable_sort(names.begin(), names.end(),
                   [&](const WantedRRset& a, const WantedRRset& b) { return place(a) < place(b); });
  UpdateScript script;
  std::optional<std::pair<std::string, std::optional<DnsName>>> before;
  for (const WantedRRset& rrset : names) {
    const PublishConfig& publish = publish_for(config, rrset.canonical);
    if (!rrset.zone || before != place(rrset)) script.begin(publish.server, rrset.zone);
    before = place(rrset);
    script.comment(alias_lines(known, rrset.canonical));
    for (const WantedRecord& record : rrset.records) {
      const std::string line = record_line(rrset, record.association, publish.form);
      script.add(fmt::format("; {}\nupdate add {}\n", purpose(record), line));
    }
  }
  return script.finish();
}

std::string json_text(const std::vector<WantedRRset>& rrsets) {
  using Json = nlohmann::ordered_json;
  Json owners = Json::array();
  for (const WantedRRset& rrset : rrsets) {
    Json records = Json::array();
    for (const WantedRecord& record : rrset.records) {
      records.push_back({{"record", record.association.text()},
                         {"lineage", record.uses.front().lineage},
                         {"role", to_text(record.uses.front().role)}});
    }
    const bool seen = rrset.canonical_is == WantedRRset::Canonical::seen;
    owners.push_back({{"name", rrset.owner.text()},
                      {"canonical", seen ? Json(rrset.canonical.text()) : Json(nullptr)},
                      {"ttl", rrset.ttl.count()},
                      {"records", std::move(records)}});
  }
  const Json document = {{"version", 1}, {"owners", std::move(owners)}};
  // Names of lineages are names of files, which need not be UTF-8.
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string records_text(const std::vector<WantedRRset>& rrsets, RecordFormat format, const Config& config) {
  switch (format) {
    case RecordFormat::zone:
      return zone_text(rrsets, config);
    case RecordFormat::nsupdate:
      return nsupdate_text(rrsets, config);
    case RecordFormat::rfc3597:
      return rfc3597_text(rrsets);
    case RecordFormat::json:
      break;
  }
  return json_text(rrsets);
}

}  // namespace danectl
