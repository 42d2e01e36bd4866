#include "app/doctor/examination.hpp"

#include "app/certbot/certbot_conf.hpp"
#include "app/doctor/certbot_areas.hpp"
#include "app/doctor/dns_areas.hpp"
#include "app/doctor/rehearsal.hpp"
#include "app/host/loaded_files.hpp"
#include "app/host/permissions.hpp"
#include "app/host/publishing_setup.hpp"
#include "app/host/reload_programs.hpp"
#include "app/host/timer.hpp"
#include "core/check/check_ahead.hpp"
#include "core/check/check_loaded.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>

namespace danectl {
namespace {

class Examination {
 public:
  Examination(const Workshop& shop, const Subjects& subjects) : shop_(shop), subjects_(subjects) {
    for (std::size_t i = 0; i < area_count; ++i) areas_.at(i).area = static_cast<Area>(i);
  }

  std::vector<Item> items() {
    const RootLook root = look_at_root(shop_);
    dns_answers_ = root.trust_anchor.lacking.empty() && root.resolver.lacking.empty();
    add(root.trust_anchor);
    add(root.resolver);
    add(look_at_certbot(shop_));
    host();
    if (!subjects_.lineages.empty() || !subjects_.servers.empty()) live();
    return all_items();
  }

  std::vector<Item> host_items() {
    host();
    const LoadedFiles files = read_loaded_files(shop_, subjects_.lineages);
    for (const LineageConfig& lineage : subjects_.lineages) {
      for (const Finding& finding : check_loaded(files, lineage)) at(Area::server_files).findings.push_back(finding);
    }
    loaded(files);
    return all_items();
  }

 private:
  [[nodiscard]] std::vector<Item> all_items() const {
    std::vector<Item> items;
    for (const AreaLook& area : areas_) {
      std::vector<Item> some = items_of(area);
      std::move(some.begin(), some.end(), std::back_inserter(items));
    }
    return items;
  }

  // Also those of servers that no lineage has yet: they are about to be enrolled.
  [[nodiscard]] std::vector<DnsName> owners() const {
    std::vector<DnsName> owners = owners_of(subjects_.lineages);
    for (const ProbeUrl& server : subjects_.servers) owners.push_back(server.owner());
    return owners;
  }

  AreaLook& at(Area area) { return areas_.at(static_cast<std::size_t>(area)); }

  void add(const AreaLook& look) {
    for (const Finding& finding : look.findings) at(area_of(finding.id)).findings.push_back(finding);
    AreaLook& area = at(look.area);
    area.lacking.insert(area.lacking.end(), look.lacking.begin(), look.lacking.end());
    area.unread.insert(area.unread.end(), look.unread.begin(), look.unread.end());
    if (!look.fine.empty()) area.fine = look.fine;  // what was tried tells more than what is there
  }

  // What `check` finds, area by area, and what is well where it finds nothing.
  void live() {
    const CheckReport report = watch(shop_, subjects_);
    for (const Finding& finding : report.findings) {
      const Area area = area_of(finding.id);
      // Said once, of this host.
      const bool is_ours = area == Area::resolver || finding.id == FindingId::lookup_failed;
      if (is_ours && !dns_answers_) continue;
      // Of somebody's host that it has no records, and the like: not of this host.
      if (area == Area::findings && subjects_.lineages.empty()) continue;
      at(area).findings.push_back(finding);
    }
    add(look_at_zones(report.looks));
    add(look_at_name_servers(shop_, report.looks));
    probes(report);
    add(rehearse_publishing(shop_, owners(), report.looks));
    if (subjects_.lineages.empty()) return;
    loaded(report.loaded);
    at(Area::findings).fine = "danectl check finds nothing else";
  }

  void probes(const CheckReport& report) {
    std::size_t asked = 0;
    std::size_t verified = 0;
    for (const EndpointView& endpoint : report.endpoints) {
      if (endpoint.verdict == EndpointView::Verdict::left_out) continue;
      ++asked;
      if (endpoint.verdict == EndpointView::Verdict::verified) ++verified;
    }
    if (asked == 0) return;
    at(Area::probes).fine = asked == 1 ? "the server answers from here, with STARTTLS or TLS"
                                       : fmt::format("all {} addresses answer from here, with STARTTLS or TLS", asked);
    if (verified == asked) at(Area::served).fine = "what is presented passes DANE against the published records";
  }

  void loaded(const LoadedFiles& loaded) {
    for (const LoadedFiles::Program& program : loaded.programs) {
      if (program.unread.empty()) continue;
      at(Area::server_files)
          .unread.push_back({ErrorKind::failed,
                             fmt::format("what {} loads is not known: {}", to_text(program.program), program.unread),
                             "sudo danectl doctor, if you are not root"});
    }
    std::set<std::string> where;
    for (const LineageConfig& lineage : subjects_.lineages) {
      const auto theirs = loaded.of(lineage.name);
      for (const LoadedFile& one : theirs) {
        if (one.from == LoadedFile::From::live) where.insert(where_it_stands(one.file));
      }
      if (!theirs.empty()) continue;
      const std::string live = shop_.paths().live(lineage.name);
      at(Area::server_files)
          .unread.push_back(
              {ErrorKind::failed, fmt::format("no server of this host is seen to load {}", live),
               "Postfix: postconf -e 'smtpd_tls_chain_files=" + live + "/combined.pem' && postfix reload"});
    }
    if (!where.empty()) {
      at(Area::server_files).fine =
          fmt::format("{} load{} what danectl deploys", fmt::join(where, ", "), where.size() == 1 ? "s" : "");
    }
  }

  void host() {
    const std::vector<LineageConfig>& lineages = subjects_.lineages;
    add(look_at_publishing(shop_, owners()));
    add(look_at_reloads(shop_, lineages));
    add(look_at_certbot_hook(shop_, certbots_lineages()));
    if (std::any_of(lineages.begin(), lineages.end(), [](const auto& one) { return one.stages_keys(); }) ||
        lineages.empty()) {
      add(look_at_certbot_settings(shop_));
    }
    timer();
    add(look_at_permissions(shop_, lineages));
    enrolled();
  }

  std::vector<std::string> certbots_lineages() {
    std::vector<std::string> names;
    for (const LineageConfig& lineage : subjects_.lineages) names.push_back(lineage.name);
    if (!names.empty()) return names;
    auto found = names_of_confs(shop_.files(), shop_.config().certbot_dir);
    if (found) return *std::move(found);
    // Without that folder certbot has none.
    if (found.error().kind == ErrorKind::no_permission) at(Area::certbot_hook).unread = {found.error()};
    return names;
  }

  void timer() {
    const WallTime now = shop_.world.clock.now().wall;
    const auto run = last_run(shop_);
    const auto ended = run ? std::optional<WallTime>(run->ended) : std::nullopt;
    AreaLook look{.area = Area::timer};
    if (!ended && timer_is_on(shop_)) {
      look.fine = "danectl.timer is on; danectl run has not ended yet";
      return add(look);
    }
    look.findings = check_last_run(ended, now, [this] { return how_to_start_timer(shop_); });
    if (ended)
      look.fine = fmt::format("danectl run ended {} ago", human_duration(std::max(now - *ended, Milliseconds{0})));
    add(look);
  }

  void enrolled() {
    AreaLook& look = at(Area::lineages);
    if (!subjects_.lineages.empty()) {
      std::vector<std::string> names;
      for (const LineageConfig& lineage : subjects_.lineages) names.push_back(lineage.name);
      look.fine = fmt::format("enrolled: {}", fmt::join(names, ", "));
      return;
    }
    const std::vector<std::string> names = certbots_lineages();
    const std::string server = subjects_.servers.size() == 1 ? subjects_.servers.front().text() : "smtp://HOST:25";
    look.lacking.push_back(names.empty()
                               ? failed("certbot has no lineage that could be enrolled", "certbot certonly -d HOST")
                               : failed(fmt::format("no lineage is enrolled; certbot has {}", fmt::join(names, ", ")),
                                        fmt::format("danectl enroll {} --probe {}", names.front(), server)));
  }

  const Workshop& shop_;
  const Subjects& subjects_;
  bool dns_answers_ = true;
  std::array<AreaLook, area_count> areas_;
};

}  // namespace

std::vector<Item> examine(const Workshop& shop, const Subjects& subjects) {
  return Examination(shop, subjects).items();
}

std::vector<Item> examine_host(const Workshop& shop, const std::vector<LineageConfig>& lineages) {
  const Subjects subjects{lineages, {}};
  return Examination(shop, subjects).host_items();
}

}  // namespace danectl
