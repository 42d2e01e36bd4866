#include "app/publish/include_publisher.hpp"

#include "app/store/children.hpp"
#include "core/records/include_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace danectl {
namespace {

constexpr Seconds command_limit{300};

constexpr const char* another_section =
    "give the other zone a [[publish.zone]] section with an include_file of its own";

class IncludePublisher : public Publisher {
 public:
  IncludePublisher(const Workshop& shop, const PublishConfig& section)
      : shop_(shop), section_(section), path_(section.include_file) {}

  ChangeResult change(const RRsetUpdate& update) override {
    return update.change.does == DnsChange::Does::add ? add(update) : remove(update);
  }

 private:
  // The command runs even when the file has them all already: the servers have not, so it failed before.
  ChangeResult add(const RRsetUpdate& update) {
    using Kind = ChangeResult::Kind;
    auto records = read();
    if (!records) return {Kind::refused, records.error()};
    if (!update.zone) {
      return {Kind::refused, not_yet(fmt::format("the zone of {} is not known", update.owner.text()))};
    }
    for (const Association& association : update.change.records) {
      put(*records, {update.owner, update.ttl, association});
    }
    if (auto fits = all_below(*records, update.zone); !fits) return {Kind::refused, fits.error()};
    if (auto written = write(std::move(*records)); !written) return {Kind::unclear, written.error()};
    if (auto loaded = load(update.zone); !loaded) return {Kind::unclear, loaded.error()};
    return {};
  }

  ChangeResult remove(const RRsetUpdate& update) {
    using Kind = ChangeResult::Kind;
    auto records = read();
    if (!records) return {Kind::refused, records.error()};
    std::size_t erased = 0;
    for (const Association& association : update.change.records) {
      erased += std::erase_if(*records, [&](const IncludedRecord& record) {
        return record.owner == update.owner && record.association == association;
      });
    }
    if (auto written = write(std::move(*records)); !written) return {Kind::unclear, written.error()};
    if (auto loaded = load(update.zone); !loaded) return {Kind::unclear, loaded.error()};
    if (erased > 0) return {};
    // The command may have failed when the record was taken out; or it never was in this file.
    return {Kind::unclear,
            failed(fmt::format("{} has none of the retired records of {}; the zone was loaded once more", path_,
                               update.owner.text()),
                   "if the name servers still have them, they stand elsewhere in the zone: delete them there")};
  }

  Result<std::vector<IncludedRecord>> read() {
    if (path_.empty()) return invalid(section_.section + ": method = \"include\" wants an include_file");
    const auto there = shop_.files().info_followed(path_);
    if (!there) return there.error();
    if (!*there) return std::vector<IncludedRecord>{};
    const auto text = shop_.files().read(path_);
    if (!text) return text.error();
    return parse_include(*text, path_);
  }

  // The zone file would be refused with an owner of another zone in it.
  [[nodiscard]] Status all_below(const std::vector<IncludedRecord>& records, const std::optional<DnsName>& zone) const {
    for (const IncludedRecord& record : records) {
      if (!zone || record.owner.is_below_or_equal(*zone)) continue;
      return invalid(
          fmt::format("{} serves one zone, and holds {}, which is not in {}", path_, record.owner.text(), zone->text()),
          another_section);
    }
    return {};
  }

  // The records of an RRset have one TTL (RFC 2181 section 5.2).
  static void put(std::vector<IncludedRecord>& records, const IncludedRecord& fresh) {
    const auto there = std::find_if(records.begin(), records.end(), [&](const IncludedRecord& record) {
      return record.owner == fresh.owner && record.association == fresh.association;
    });
    if (there == records.end()) records.push_back(fresh);
    for (IncludedRecord& record : records) {
      if (record.owner == fresh.owner) record.ttl = fresh.ttl;
    }
  }

  Status write(std::vector<IncludedRecord> records) {
    const auto before = shop_.files().info_followed(path_);
    if (!before) return before.error();
    FileAttributes attributes{.mode = 0644};
    if (*before) attributes = {.mode = (*before)->mode, .gid = (*before)->gid, .uid = (*before)->uid};
    const std::string text = include_text(std::move(records), section_.form);
    if (*before) {
      const auto now = shop_.files().read(path_);
      if (now && *now == text) return {};
    }
    if (auto cleared = shop_.files().remove_temporaries(std::filesystem::path(path_).parent_path().string()); !cleared)
      return cleared;
    return shop_.files().write(path_, text, attributes);
  }

  Status load(const std::optional<DnsName>& zone) {
    const std::vector<std::string>& argv = section_.command;
    if (argv.empty()) {
      return invalid(section_.section +
                     ": method = \"include\" wants a command that raises the serial and loads the zone");
    }
    Command command{.argv = argv, .environment = {{"DANECTL_INCLUDE_FILE", path_}}, .time_limit = command_limit};
    if (zone) command.environment["DANECTL_ZONE"] = zone->text();
    auto done = run_child(shop_, command, joined(argv));
    if (!done) {
      return failed(fmt::format("{}: command {}", section_.section, done.error().what),
                    "the next `danectl run` or `publish` tries again");
    }
    return {};
  }

  const Workshop& shop_;
  const PublishConfig& section_;
  const std::string& path_;
};

}  // namespace

std::unique_ptr<Publisher> include_publisher(const Workshop& shop, const PublishConfig& section) {
  return std::make_unique<IncludePublisher>(shop, section);
}

}  // namespace danectl
