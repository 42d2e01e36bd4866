#include "app/survey/summary_text.hpp"

#include "app/check/check_words.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>

namespace danectl {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t shown = 10;
// What only one host or domain has says nothing.
constexpr std::uint64_t fewest = 2;

struct WayLine {
  DomainWay way;
  std::string_view meaning;
};
constexpr std::array ways{WayLine{DomainWay::dane, "each of its hosts is used by DANE"},
                          WayLine{DomainWay::partly, "some are: mail to the others may be intercepted"},
                          WayLine{DomainWay::without, "none is: not signed, or without records"},
                          WayLine{DomainWay::held, "DNSSEC fails: senders that check it hold the mail"},
                          WayLine{DomainWay::no_mail, "it takes no mail"},
                          WayLine{DomainWay::unknown, "DNS gave no answer"}};
constexpr std::array host_ways{HostWay::dane, HostWay::encrypted, HostWay::without,
                               HostWay::held, HostWay::unknown,   HostWay::nowhere};
constexpr std::array faults{RecordFault::unusable, RecordFault::some_unusable, RecordFault::digests, RecordFault::stale,
                            RecordFault::mixed};
constexpr std::array verdicts{Knock::Verdict::verified, Knock::Verdict::mismatch, Knock::Verdict::no_handshake,
                              Knock::Verdict::not_probed};

// "1 dane, 2 held" of those that are not 0.
template <class Word, std::size_t size>
std::string counts_text(const std::array<Word, size>& words, const std::array<std::uint64_t, size>& counts) {
  std::string text;
  for (const Word word : words) {
    const std::uint64_t count = counts[static_cast<std::size_t>(word)];
    if (count != 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, to_text(word));
  }
  return text.empty() ? "none" : text;
}

template <class Word, std::size_t size>
Json counts_json(const std::array<Word, size>& words, const std::array<std::uint64_t, size>& counts) {
  Json json = Json::object();
  for (const Word word : words) json[std::string(to_text(word))] = counts[static_cast<std::size_t>(word)];
  return json;
}

// "412", or "412+" where some may be missing.
template <class Entry>
std::string number_of(const Entry& entry) {
  return fmt::format("{}{}", entry.at_least(), entry.error == 0 ? "" : "+");
}

std::string records_text(const SummaryView& view) {
  std::string text;
  for (const auto& entry : view.counts.records.top(shown, fewest)) {
    text += fmt::format("{:>7} hosts", number_of(entry));
    if (view.probed) {
      const auto& tally = entry.tally;
      text += tally.served == 0 && tally.probed > 0
                  ? fmt::format(", none of {} probed serves it", tally.probed)
                  : fmt::format(", {} of {} probed serve it", tally.served, tally.probed);
    }
    text += fmt::format("\n        {}\n", entry.key);
  }
  return text.empty() ? text : "The records that most hosts name:\n" + text;
}

std::string providers_text(const SummaryView& view) {
  std::string text;
  for (const auto& entry : view.counts.providers.top(shown, fewest)) {
    text += fmt::format("{:>7} {}, {} with DANE\n", number_of(entry), entry.key, entry.tally.dane);
  }
  return text.empty() ? text : "The providers of most domains (the domain that the name of the host is in):\n" + text;
}

std::string shared_text(const SummaryView& view) {
  std::string text;
  for (const auto& entry : view.counts.shared_hosts.top(shown, fewest)) {
    text += fmt::format("{:>7} {}\n", number_of(entry), entry.key);
  }
  return text.empty() ? text : "The hosts of most domains:\n" + text;
}

template <class Entry>
Json entry_json(const Entry& entry, const char* key) {
  return {{key, entry.key}, {"at_least", entry.at_least()}, {"at_most", entry.count}};
}

}  // namespace

std::string summary_text(const SummaryView& view) {
  const SurveySummary& counts = view.counts;
  std::string text = counted(counts.domains, "domain");
  if (view.repeated != 0) text += fmt::format(", {} repeated and asked once", view.repeated);
  if (counts.faulty_lines != 0) text += ", " + counted(counts.faulty_lines, "line") + " without a domain";
  text += '\n';
  for (const WayLine& line : ways) {
    const std::uint64_t count = counts.domains_by_way[static_cast<std::size_t>(line.way)];
    if (count != 0) text += fmt::format("{:>7} {:<8} {}\n", count, to_text(line.way), line.meaning);
  }
  text += fmt::format("{}: {}\n", counted(counts.hosts, "host"), counts_text(host_ways, counts.hosts_by_way));
  text += fmt::format("Faults of their records: {}\n", counts_text(faults, counts.hosts_by_fault));
  if (view.probed) text += fmt::format("Probes: {}\n", counts_text(verdicts, counts.hosts_by_verdict));
  text += records_text(view) + providers_text(view) + shared_text(view);
  if (view.not_counted != 0) {
    text += fmt::format("Not counted: {} that the output had before this call.\n", counted(view.not_counted, "line"));
  }
  return text;
}

Json summary_json(const SummaryView& view) {
  const SurveySummary& counts = view.counts;
  Json domain_ways = Json::object();
  for (const WayLine& line : ways) {
    domain_ways[std::string(to_text(line.way))] = counts.domains_by_way[static_cast<std::size_t>(line.way)];
  }
  Json records = Json::array();
  for (const auto& entry : counts.records.top(shown, fewest)) {
    Json json = entry_json(entry, "record");
    json["probed"] = view.probed ? Json(entry.tally.probed) : Json(nullptr);
    json["served"] = view.probed ? Json(entry.tally.served) : Json(nullptr);
    records.push_back(std::move(json));
  }
  Json providers = Json::array();
  for (const auto& entry : counts.providers.top(shown, fewest)) {
    Json json = entry_json(entry, "provider");
    json["dane"] = entry.tally.dane;
    providers.push_back(std::move(json));
  }
  Json hosts = Json::array();
  for (const auto& entry : counts.shared_hosts.top(shown, fewest)) hosts.push_back(entry_json(entry, "host"));
  Json summary{{"domains", counts.domains},
               {"repeated", view.repeated},
               {"errors", counts.faulty_lines},
               {"not_counted", view.not_counted},
               {"ways", std::move(domain_ways)},
               {"hosts", counts.hosts},
               {"host_ways", counts_json(host_ways, counts.hosts_by_way)},
               {"faults", counts_json(faults, counts.hosts_by_fault)},
               {"probes", view.probed ? counts_json(verdicts, counts.hosts_by_verdict) : Json(nullptr)},
               {"records", std::move(records)},
               {"providers", std::move(providers)},
               {"shared_hosts", std::move(hosts)}};
  return {{"version", 1}, {"summary", std::move(summary)}};
}

}  // namespace danectl
