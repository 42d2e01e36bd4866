#include "histories/history.hpp"

#include "app/roll/roll.hpp"
#include "app/verbs/promote.hpp"
#include "app/verbs/publish.hpp"
#include "app/verbs/retire.hpp"
#include "app/verbs/run.hpp"
#include "core/keys/key_material.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

namespace danectl {

void History::calm_down() {
  note("--- calm");
  dns_.calm_down();
  calm_ = true;
  ca_answers_ = reloads_work_ = hook_works_ = probes_answer_ = true;
  // A hook sends one record at a time. Where lineages share an owner no order of them begins another line of a
  // profile: a person takes a method that makes a change whole.
  if (kinds_.profiles.size() > 1 || kinds_.profiles.front().size() > 1) {
    for (Machine& machine : machines_) machine.settings.config.publish.method = PublishMethod::nsupdate;
  }
  dns_.forget_neighbours();  // a person will delete what nobody here knows
  const auto for_each = [&](const std::function<void(LineageConfig&)>& what) {
    for (Machine& machine : machines_) {
      for (LineageConfig& lineage : machine.settings.lineages) what(lineage);
    }
  };
  for_each([](LineageConfig& lineage) {
    lineage.reload = {{"reload", lineage.name}};
    lineage.rollover.reset();
    lineage.min_hold = Seconds{0};
    lineage.retire_after = Seconds{1};
  });
  calm("nothing retires, and all that is wanted is published", [&] { return is_tidy(); });
  std::map<std::string, std::string> before;
  for (Host& host : hosts_) {
    if (!host.released) certbot_renews(host, {mail_host, "other.example.com"});
    before[host.name()] = deployed(host).leaf().key.sha256;
  }
  for_each([](LineageConfig& lineage) { lineage.rollover = Seconds{1}; });
  calm("every lineage that stages keys was promoted", [&] {
    for (Machine& machine : machines_) call(machine, "promote", [&] { return promote({}, *shop_); });
    return std::all_of(hosts_.begin(), hosts_.end(), [&](const Host& host) {
      return host.released || !host.config().stages_keys() || deployed(host).leaf().key.sha256 != before[host.name()];
    });
  });
  for_each([](LineageConfig& lineage) { lineage.rollover.reset(); });
  calm("nothing retires any more", [&] { return is_tidy(); });
}

void History::calm(const std::string& what, const std::function<bool()>& condition) {
  for (int i = 0; i < 40 * RandomDns::most_ttl; ++i) {
    next_second();
    for (Machine& machine : machines_) {
      call(machine, "run", [&] { return danectl::run({}, *shop_); });
      for (const LineageConfig& lineage : machine.settings.lineages) {
        call(machine, "retire " + lineage.name, [&] { return retire({.names = {lineage.name}}, *shop_); });
      }
    }
    renew_for_all_names();
    delete_foreign_records();
    if (condition()) return;
  }
  for (const Association& record : dns_.published()) note("there is " + record.text());
  for (const Host& host : hosts_) {
    for (const Association& record : wanted(host)) note(host.name() + " wants " + record.text());
  }
  output_.verbosity = Verbosity::verbose;
  for (Machine& machine : machines_) {
    call(machine, "run", [&] { return danectl::run({}, *shop_); });
    call(machine, "publish", [&] { return publish({}, *shop_); });
  }
  broken("never: " + what);
}

// Records of issuers begin for no certificate that is not for the host. certbot gets one that is. Where its records
// wait for those of the issuer, a person begins with the other lines of the profile, or with another one.
void History::renew_for_all_names() {
  ++calm_seconds_;
  for (Host& host : hosts_) {
    if (host.released || !host.config().names_issuers()) continue;
    if (!certbot_has_all_names(host)) certbot_renews(host, {mail_host, "other.example.com"});
    const std::vector<std::string> names = deployed(host).leaf().names;
    const bool good = std::find(names.begin(), names.end(), mail_host) != names.end();
    if (good || calm_seconds_ < 10 * RandomDns::most_ttl) continue;
    for (LineageConfig& lineage : host.machine->settings.lineages) {
      if (lineage.names_keys()) {
        std::erase_if(lineage.profile, [](const Group& group) { return group.usage == 2; });
      } else {
        lineage.profile = {key_512};
      }
    }
  }
}

bool History::certbot_has_all_names(Host& host) {
  const auto present = read_certbot_lineage(host.lineage.files, host.lineage.certbot_dir(), host.name());
  if (!present) return false;
  const std::vector<std::string>& names = present->chain.leaf().names;
  return std::find(names.begin(), names.end(), mail_host) != names.end();
}

// As `check` tells to: those of profiles of before, and those of somebody else. Where another host is on the owner
// only a person knows which are whose.
void History::delete_foreign_records() {
  RRset foreign = dns_.published();
  for (const Machine& machine : machines_) {
    const RRset theirs = foreign_to(machine);
    std::erase_if(foreign, [&](const Association& record) { return !has(theirs, record); });
  }
  if (alone()) {
    for (const Association& record : foreign) {
      if (dns_.primary().at(test_owner()).from_wildcard) {  // there a person deletes it by hand
        std::erase(dns_.primary().wildcard, record);
        continue;
      }
      call(machines_.front(), "retire --foreign " + record.text(), [&] {
        return retire({.names = {machines_.front().settings.lineages.front().name}, .foreign = record}, *shop_);
      });
    }
    return;
  }
  RRset left = dns_.published();
  std::erase_if(left, [&](const Association& record) {
    return has(foreign, record) && std::none_of(hosts_.begin(), hosts_.end(), [&](const Host& host) {
             return host.released && has(wanted(host), record);
           });
  });
  if (left != dns_.published()) dns_.put(left);
  check("a person deletes records of nobody");
}

RRset History::foreign_to(const Machine& machine) {
  begin_call(machine);
  if (machine.settings.lineages.empty()) return dns_.published();
  const auto look = look_at(*shop_, {test_owner()});
  REQUIRE(look.ok());
  Roll roll(*shop_, machine.settings.lineages.front(), *look, RollMode::settle);
  REQUIRE(roll.preview().ok());
  RRset foreign;
  for (const PlaceFact& place : roll.facts().places) {
    foreign = place.foreign;
    foreign.insert(foreign.end(), place.foreign_of_wildcards.begin(), place.foreign_of_wildcards.end());
  }
  return foreign;
}

// All lines of the profile, for what is deployed, for the next key and for what certbot brought besides; reckoned
// here from the files alone.
RRset History::wanted(const Host& host) {
  RRset all;
  const Profile profile = host.released ? Profile{key_256} : host.config().profile;
  const auto add = [&](const KeyId& key, const KeyId& issuer) {
    for (const Group& line : profile) all.push_back(digest_of(line.usage == 3 ? key : issuer, line));
  };
  const Chain now = deployed(host);
  add(now.leaf().key, now.certificates[1].key);
  if (host.released) {
    add(host.loaded.leaf().key, now.certificates[1].key);
    return all;
  }
  const Paths paths = host.machine->paths();
  if (const auto next = real_files_.read(paths.next_key(host.name()))) {
    const auto pem = real_files_.read(paths.next_chain(host.name()));
    const Chain like = pem ? parse_chain(*pem).value() : now;
    add(read_private_key(*next).value(), like.certificates[1].key);
  }
  if (const auto copies = real_files_.list(paths.candidates(host.name()))) {
    for (const std::string& copy : *copies) {
      const auto pem = real_files_.read(paths.candidate(host.name(), copy) + "/fullchain.pem");
      REQUIRE(pem.ok());
      const Chain chain = parse_chain(*pem).value();
      add(chain.leaf().key, chain.certificates[1].key);
    }
  }
  for (const Certificate& issuer : host.config().further_issuers) {
    for (const Group& line : profile) {
      if (line.usage == 2) all.push_back(digest_of(issuer.key, line));
    }
  }
  return all;
}

// Published is what is wanted and nothing else, and servers present what is deployed.
bool History::is_tidy() {
  RRset all;
  for (const Host& host : hosts_) {
    const RRset more = wanted(host);
    all.insert(all.end(), more.begin(), more.end());
    if (!host.released && host.loaded.leaf().fingerprint != deployed(host).leaf().fingerprint) return false;
  }
  const RRset& published = dns_.published();
  return std::all_of(all.begin(), all.end(), [&](const Association& one) { return has(published, one); }) &&
         std::all_of(published.begin(), published.end(), [&](const Association& one) { return has(all, one); });
}

}  // namespace danectl
