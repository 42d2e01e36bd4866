#include "app/verbs/enroll_report.hpp"

#include "app/doctor/examination.hpp"
#include "app/publish/publisher.hpp"
#include "app/store/generations.hpp"
#include "core/check/presentation.hpp"
#include "core/config/lineage_text.hpp"
#include "core/keys/dane_verify.hpp"
#include "core/keys/usable.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace danectl {
namespace {

// Records of other kinds than the lineage's own are nobody's: no promotion keeps them true.
void warn_of_other_records(const Workshop& shop, const LineageConfig& lineage, const OwnerLook& look) {
  const auto& profile = lineage.profile;
  for (const Association& record : look.resolver_records) {
    if (!usable(record) || std::find(profile.begin(), profile.end(), record.group) != profile.end()) continue;
    const bool beside = std::any_of(profile.begin(), profile.end(),
                                    [&](const Group& group) { return are_digests_of_one(record.group, group); });
    const char* const instead =
        "a sender that does not know SHA-512 uses only this record, so no next key becomes ready: delete it, "
        "or put a line of SHA-256 into the profile (RFC 6698 section 6)";
    shop.output.warn(
        fmt::format("{} has a record of a kind that the profile does not name: {}", look.owner.text(), record.text()),
        beside ? fmt::format("a sender may use only this digest, so no next key becomes ready: delete it, or "
                             "put \"{}\" into the profile (RFC 7671 sections 8 and 9)",
                             record.group.text())
        : is_known_to_all(record.group) && std::none_of(profile.begin(), profile.end(), is_known_to_all)
            ? instead
            : "delete it, or change it by hand with each new key: every kind that is published must match (RFC 7671 "
              "section 8)");
  }
}

// Says what DNS holds now, since that decides what comes next.
void say_dns(const Workshop& shop, const LineageConfig& lineage, const Look& look) {
  for (const OwnerLook& one : look.owners) {
    if (one.dnssec != Dnssec::secure) {
      shop.output.warn(one.why, "DANE needs a DNSSEC-signed zone; nothing is promoted until the answers are secure");
    } else if (one.resolver_records.empty()) {
      shop.output.out << fmt::format(
          "  {} has no TLSA record yet: the first one switches DANE on for every sender, so first let the server load "
          "the deployed files\n",
          one.owner.text());
    } else {
      warn_of_other_records(shop, lineage, one);
    }
  }
}

// What one address presents, beside what is deployed; in a dry run nothing is yet.
std::string presented_text(const Workshop& shop, const std::string& name, const ProbedAddress& address) {
  const auto shown = presentations(address);
  if (shown.empty()) {
    const auto furthest = std::find_if(address.handshakes.begin(), address.handshakes.end(),
                                       [](const Handshake& handshake) { return !handshake.why.empty(); });
    const std::string why = furthest == address.handshakes.end() ? address.why : furthest->why;
    return fmt::format("presents nothing: {}", why);
  }
  const auto deployed = read_deployed(shop.files(), shop.paths(), name);
  if (!deployed || !*deployed) return fmt::format("presents the key {}", shown.front().chain->leaf().key.sha256);
  const bool same = std::all_of(shown.begin(), shown.end(), [&](const Presentation& one) {
    return one.chain->leaf().key == (*deployed)->chain.leaf().key;
  });
  return same ? "presents the deployed key" : "presents another key than the deployed one";
}

struct Step {
  std::string what;
  std::string how;
};

void add_steps_of_host(const Workshop& shop, const std::vector<LineageConfig>& lineages, std::vector<Step>& steps) {
  for (const Item& item : examine_host(shop, lineages)) {
    const bool open =
        item.state == Item::State::trouble || (item.state == Item::State::unknown && item.area == Area::server_files);
    if (open) steps.push_back({item.sentence, item.remedy});
  }
}

}  // namespace

void say_planned(const Workshop& shop, const LineageConfig& lineage) {
  shop.output.out << fmt::format("{}: would be enrolled: certbot's certificate deployed as {}, {}and {} written:\n",
                                 lineage.name, shop.paths().live(lineage.name),
                                 lineage.stages_keys() ? "reuse_key = True set in certbot's renewal conf, " : "",
                                 shop.settings.lineage_path(lineage.name));
  std::string text = write_lineage_config(lineage);
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    shop.output.out << "  " << rest.substr(0, end) << '\n';
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

void say_enrolled(const Workshop& shop, const LineageConfig& lineage, const Look& look) {
  if (shop.output.verbosity == Verbosity::quiet) return;
  shop.output.out << fmt::format("{}: enrolled in {}\n{}", lineage.name, shop.settings.lineage_path(lineage.name),
                                 lineage.stages_keys() ? "  certbot keeps its key from now on (reuse_key = True)\n"
                                                       : "  certbot makes the keys: its reuse_key is left as it was\n");
  say_dns(shop, lineage, look);
}

void say_presented(const Workshop& shop, const std::vector<LineageConfig>& lineages) {
  if (shop.output.verbosity == Verbosity::quiet) return;
  for (const LineageConfig& lineage : lineages) {
    if (lineage.probe.empty()) continue;
    for (const ProbeResult& result : shop.world.probe(shop.config())->probe(lineage.probe)) {
      for (const ProbedAddress& address : result.addresses) {
        shop.output.out << fmt::format("  {}{}{} {}\n", result.url.text(), address.address.empty() ? "" : " at ",
                                       address.address, presented_text(shop, lineage.name, address));
      }
    }
  }
}

void say_next_steps(const Workshop& shop, const std::vector<LineageConfig>& lineages) {
  if (shop.output.verbosity == Verbosity::quiet || lineages.empty()) return;
  std::vector<Step> steps;
  add_steps_of_host(shop, lineages, steps);
  bool prints = false;
  for (const LineageConfig& lineage : lineages) {
    if (lineage.reload.empty()) {
      steps.push_back({fmt::format("let danectl reload the server after each certificate of {}", lineage.name),
                       fmt::format("set `reload` in {}, such as [[\"systemctl\", \"reload\", \"postfix\"]]",
                                   shop.settings.lineage_path(lineage.name))});
    }
    prints = prints || by_hand(shop, lineage) != ByHand::nothing;
  }
  if (prints) {
    steps.push_back({"let danectl publish the records; until then a person has to publish what danectl publish prints",
                     fmt::format("set `method` below [publish] in {}, see danectl.toml(5)", shop.settings.path)});
  }
  for (const LineageConfig& lineage : lineages) {
    steps.push_back(
        lineage.stages_keys()
            ? Step{fmt::format("when the server presents the deployed key, make the next key of {} and publish; "
                               "danectl run does both",
                               lineage.name),
                   fmt::format("danectl stage {0} && danectl publish {0}", lineage.name)}
            : Step{fmt::format("when the server presents the deployed key, publish the records of {}", lineage.name),
                   fmt::format("danectl publish {}", lineage.name)});
  }
  shop.output.out << "what is left to do:\n";
  for (std::size_t i = 0; i < steps.size(); ++i) {
    shop.output.out << fmt::format("  {}. {}\n     {}\n", i + 1, steps[i].what, steps[i].how);
  }
}

}  // namespace danectl
