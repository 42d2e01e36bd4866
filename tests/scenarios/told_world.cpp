#include "scenarios/told_world.hpp"

#include "app/store/generations.hpp"
#include "app/verbs/call.hpp"
#include "core/config/split_command.hpp"
#include "core/keys/key_material.hpp"
#include "fakes/random_world.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <regex>
#include <sstream>

namespace danectl {
namespace {

const std::string lineage_name = "mx.example.com";

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text.empty() ? "nothing" : text;
}

template <class T>
T must(Result<T> result) {
  if (!result) throw ScenarioError(result.error().what);
  return std::move(result).value();
}
void must(const Status& done) {
  if (!done) throw ScenarioError(done.error().what);
}

}  // namespace

struct ToldWorld::DnsResolver : Resolver {
  explicit DnsResolver(ToldWorld& the_world) : world(the_world) {}
  Result<Look> look(const std::vector<DnsName>& owners) override {
    const Instant now = world.clock_.time;
    return Look{now, now, std::vector<OwnerLook>(owners.size(), world.dns_.look())};
  }
  ToldWorld& world;
};

struct ToldWorld::Authority : CertificateAuthority {
  explicit Authority(ToldWorld& the_world) : world(the_world) {}
  Result<Chain> issue(const IssueRequest& request, const BeforeOrder& before_order) override {
    if (auto done = before_order(); !done) return done.error();
    return world.chain(request.private_key);
  }
  ToldWorld& world;
};

struct ToldWorld::Probe : ServerProbe {
  explicit Probe(ToldWorld& the_world) : world(the_world) {}
  std::vector<ProbeResult> probe(const std::vector<ProbeUrl>& urls, const ProbeProgress& = {}) override {
    return world.probe(urls);
  }
  ToldWorld& world;
};

ToldWorld::ToldWorld()
    : world_{clock_,
             lineage_.files,
             *this,
             *this,
             [this](const Config&) { return std::make_unique<DnsResolver>(*this); },
             [this](const Config&) { return std::make_unique<Authority>(*this); },
             [this](const Config&) { return std::make_unique<Probe>(*this); },
             [this](const Config&) { return std::make_unique<FakeInspector>(inspection_); }} {
  must(lineage_.files.write(lineage_.folder("danectl.toml"),
                            "certbot_dir = \"" + lineage_.certbot_dir() + "\"\nstate_dir = \"" +
                                lineage_.folder("state") + "\"\n[publish]\nmethod = \"nsupdate\"\n",
                            {}));
}

void ToldWorld::set_time(const std::string& moment) {
  const Milliseconds since = beginning() + parse_moment(moment) - clock_.time.wall;
  if (since < Milliseconds{0}) {
    throw ScenarioError("time goes back: it is " + moment_text(clock_.time.wall - beginning()));
  }
  clock_.sleep(since);
}

// --- what happens

void ToldWorld::happens(const std::string& sentence) {
  std::smatch found;
  const auto is = [&](const char* form) { return std::regex_match(sentence, found, std::regex(form)); };
  if (is("certbot has (K[1-9]), and the server presents (it|K[1-9])")) {
    begin(found[1], found[2]);
  } else if (sentence == "the server is pointed at live/mx.example.com") {
    presented_ = deployed();
  } else if (is("(ns[12])( and (ns[12]))? gives? (.*), TTL (\\w+)")) {
    const Seconds ttl = must(parse_duration(found[5].str()));
    const RRset records = names_.rrset(found[4]);
    for (const std::string& host : {found[1].str(), found[3].str()}) {
      if (!host.empty()) dns_.give(dns_.server(host), NameServers::Where::own, records, ttl);
    }
  } else if (is("the wildcard gives (.*), TTL (\\w+)")) {
    const Seconds ttl = must(parse_duration(found[2].str()));
    dns_.give(dns_.server("ns1"), NameServers::Where::wildcard, names_.rrset(found[1]), ttl);
    dns_.follow();
  } else if (is("(ns[12]) (is silent|answers again)")) {
    dns_.server(found[1]).silent = found[2] == "is silent";
  } else if (is("ns2 (stops following|follows) ns1")) {
    dns_.server("ns2").lags = found[1] == "stops following";
    dns_.follow();
  } else if (is("the DNS provider (becomes slow|is fast again)")) {
    dns_.set_slow(found[1] == "becomes slow");
  } else if (sentence == "the DNS provider does what was asked for") {
    dns_.do_what_was_asked();
  } else if (is("reloads (fail|work)")) {
    reload_works_ = found[1] == "work";
  } else if (is("the CA issues by (I[1-9])")) {
    (void)issuer(issuer_ = found[1]);
  } else if (is("certbot renews (K[1-9])")) {
    certbot_renews(found[1]);
  } else if (sentence == "certbot loses reuse_key") {
    std::string conf = must(lineage_.files.read(lineage_.conf_path()));
    const auto line = conf.find("reuse_key = True\n");
    if (line == std::string::npos) throw ScenarioError("it has none");
    must(lineage_.files.write(lineage_.conf_path(), conf.erase(line, 17), {}));
  } else if (sentence == "the state is backed up") {
    back_up();
  } else if (sentence == "the backup comes back") {
    restore();
  } else if (is("([a-z.]+\\.toml): (.*)")) {
    set_key(found[1], found[2]);
  } else {
    throw ScenarioError("not a sentence of README.md: " + sentence);
  }
  judge();
}

void ToldWorld::begin(const std::string& certbots, const std::string& presented) {
  if (presented_) throw ScenarioError("so it was in the beginning, and is not by itself again");
  const std::string key = new_key(certbots);
  const Chain first = chain(key);
  lineage_.make({key, first});
  presented_ = presented == "it" ? first : chain(new_key(presented));
}

// As `certbot renew`: with the key that it has, or without reuse_key with another one.
void ToldWorld::certbot_renews(const std::string& name) {
  const auto present = must(read_certbot_lineage(lineage_.files, lineage_.certbot_dir(), lineage_name));
  const bool same = words(present.chain).starts_with(name + " ");
  if (same != present.conf.reuse_key.value_or(false)) {
    throw ScenarioError(same ? "without reuse_key certbot makes another key" : "with reuse_key certbot keeps its key");
  }
  const std::string key = same ? present.private_key : new_key(name);
  must(lineage_.install({key, chain(key)}));
}

void ToldWorld::set_key(const std::string& file, const std::string& line) {
  const std::string path = lineage_.folder(file == "danectl.toml" ? file : "lineages/" + file);
  const std::string key = line.substr(0, line.find('=') + 1);
  std::istringstream before(must(lineage_.files.read(path)));
  std::string after;
  for (std::string one; std::getline(before, one);) {
    if (!one.starts_with(key)) after += one + "\n";
  }
  must(lineage_.files.write(path, after + line + "\n", {}));
}

// What danectl remembers: of the lineage and of the owner. Keys and generations stay as they are.
void ToldWorld::back_up() {
  backup_.clear();
  for (const std::string folder : {"state/lineages", "state/owners"}) {
    for (const std::string& file : must(lineage_.files.list(lineage_.folder(folder)))) {
      const std::string path = lineage_.folder(folder + "/" + file);
      backup_[path] = must(lineage_.files.read(path));
    }
  }
}

void ToldWorld::restore() {
  if (backup_.empty()) throw ScenarioError("there is no backup");
  for (const auto& [path, content] : backup_) must(lineage_.files.write(path, content, {}));
}

// --- keys and certificates

std::string ToldWorld::new_key(const std::string& name) {
  if (name != "K" + std::to_string(keys_ + 1)) {
    throw ScenarioError("the next key that is made is K" + std::to_string(keys_ + 1));
  }
  ++keys_;
  std::string key = must(maker_.make(KeyType::ecdsa_p256));
  names_.add(name, must(read_private_key(key)));
  return key;
}

Result<std::string> ToldWorld::make(KeyType) {
  return new_key("K" + std::to_string(keys_ + 1));
}

const TestCa& ToldWorld::issuer(const std::string& name) {
  const TestCa& ca = issuers_[name];
  if (!names_.knows(name)) names_.add(name, parse_chain(ca.intermediate_pem()).value().leaf().key);
  return ca;
}

Chain ToldWorld::chain(const std::string& key) {
  const WallTime from = clock_.time.wall - std::chrono::hours(1);
  return parse_chain(issuer(issuer_).issue({mail_host}, key, from, from + std::chrono::hours(24 * 90))).value();
}

std::optional<Chain> ToldWorld::deployed() {
  const auto fact = must(read_deployed(lineage_.files, Paths(lineage_.folder("state")), lineage_name));
  return fact ? fact->chain : std::optional<Chain>();
}

// --- what danectl starts

// A host with nothing else: no mail server, and no systemd.
Result<std::string> ToldWorld::find(const std::string& program) {
  for (const char* const there : {"certbot", "nsupdate", "publish", "reload"}) {
    if (program == there) return program;
  }
  return failed("cannot find the program " + program + " on PATH");
}

Result<Outcome> ToldWorld::run(const Command& command) {
  judge();
  Outcome outcome;
  outcome.exit_code = 0;
  if (command.argv.front() == "nsupdate") {
    const bool done = dns_.change(NameServers::change_of(command.input));
    outcome.exit_code = done ? 0 : 2;
    outcome.err = done ? "" : "update failed: NXRRSET";
  } else if (command.argv.front() == "publish") {
    (void)dns_.change({command.argv[1] == "add", {record(command.argv.back())}, Seconds{std::stoi(command.argv[3])}});
  } else if (command.argv.front() == "reload") {
    if (reload_works_) presented_ = deployed();
    outcome.exit_code = reload_works_ ? 0 : 1;
  } else {
    throw ScenarioError("danectl started " + command.argv.front());
  }
  judge();
  return outcome;
}

std::vector<ProbeResult> ToldWorld::probe(const std::vector<ProbeUrl>& urls) {
  std::vector<ProbeResult> results;
  for (const ProbeUrl& url : urls) {
    ProbedAddress address{"192.0.2.25", ProbedAddress::Kind::probed, {}, {}};
    for (const ServerName sent : {ServerName::sent, ServerName::not_sent}) {
      Handshake none;
      none.server_name = sent;
      none.kind = Handshake::Kind::none;
      Handshake shown = none;
      shown.offered = OfferedKeys::ecdsa;
      shown.kind = Handshake::Kind::presented;
      shown.chain = *presented_;
      address.handshakes.insert(address.handshakes.end(), {none, shown});
    }
    results.push_back({url, {address}});
  }
  return results;
}

int ToldWorld::call(const std::string& arguments) {
  const std::vector<std::string> words = must(split_command("danectl " + arguments));
  std::vector<const char*> argv;
  for (const std::string& word : words) argv.push_back(word.c_str());
  std::ostringstream out;
  std::ostringstream err;
  std::istringstream nothing;
  const Invocation invocation = parse_command_line(static_cast<int>(argv.size()), argv.data(), "");
  if (invocation.fault) throw ScenarioError(invocation.fault->what);
  const Environment environment{.standard_input = nothing,
                                .danectl_config = lineage_.folder("danectl.toml"),
                                .deploy_hook = {.renewed_lineage = lineage_.live_}};
  const int code = danectl::call(invocation, environment, world_, {.out = out, .err = err});
  said_ = out.str() + err.str();
  judge();
  return code;
}

// --- what is seen

std::string ToldWorld::seen(const std::string& noun) {
  if (noun == "published") {
    const RRset& first = dns_.servers().front().gives();
    const RRset& second = dns_.servers().back().gives();
    if (first == second) return words(first);
    return "not alike: ns1 gives " + words(first) + "; ns2 gives " + words(second);
  }
  if (noun == "ns1" || noun == "ns2") return words(dns_.server(noun).gives());
  if (noun == "ttl") return moment_text(dns_.server("ns1").ttl).substr(1);
  if (noun == "presented") return presented_ ? words(*presented_) : "nothing";
  if (noun == "deployed") {
    const auto now = deployed();
    return now ? words(*now) : "nothing";
  }
  if (noun == "certbot") {
    const auto present = must(read_certbot_lineage(lineage_.files, lineage_.certbot_dir(), lineage_name));
    return words(present.chain) + (present.conf.reuse_key.value_or(false) ? ", reuse_key" : "");
  }
  return status(noun);
}

// As `danectl status --json` has it.
std::string ToldWorld::status(const std::string& noun) {
  const std::string said_before = said_;
  if (const int code = call("status --json"); code != 0) throw ScenarioError("status --json: " + said());
  const std::string document = said();
  said_ = said_before;
  const nlohmann::json lineage = nlohmann::json::parse(document).at("lineages").at(0);
  const auto ready = [](const nlohmann::json& one) {
    return one["ready_at"].is_null() ? "" : ", ready at " + one["ready_at"].get<std::string>();
  };
  if (noun == "status") return lineage["state"];
  if (noun == "next") {
    const nlohmann::json& next = lineage["next"];
    if (next.is_null()) return "nothing";
    for (const nlohmann::json& one : next["associations"]) {
      const std::string text = one["record"];
      if (!text.starts_with('3')) continue;
      const std::string state = next["state"];
      return text.substr(6) + " " + state + (state == "visible" ? ready(next) : "");
    }
  }
  std::vector<std::string> parts;
  if (noun == "retiring") {
    for (const nlohmann::json& one : lineage["retiring"]) parts.push_back(one["record"]);
    return joined(parts);
  }
  if (noun == "candidates") {
    for (const nlohmann::json& one : lineage["candidates"]) {
      parts.push_back(one["spki"].get<std::string>() + " from " + one["from"].get<std::string>() + ready(one));
    }
    return joined(parts);
  }
  throw ScenarioError("not a thing that README.md says can be seen: " + noun);
}

std::string ToldWorld::words(const Chain& chain) const {
  return names_.in_words(chain.leaf().key.sha256 + " by " + chain.certificates[1].key.sha256);
}

std::string ToldWorld::words(const RRset& records) const {
  std::vector<std::string> parts;
  for (const Association& one : records) parts.push_back(names_.in_words(one.text()));
  return joined(parts);
}

// --- the truth

void ToldWorld::judge() {
  if (!presented_) return;
  const std::optional<Chain> live = deployed();
  for (const RRset& records : dns_.in_caches()) {
    for (const Chain& chain : {*presented_, live.value_or(*presented_)}) {
      if (satisfies(chain, records)) continue;
      throw ScenarioError("mail is held: a cache may hold " + words(records) + ", and " +
                          "the server presents, or would after a restart, " + words(chain));
    }
  }
}

}  // namespace danectl
