#include "scenarios/names.hpp"

#include "fakes/looks.hpp"

#include <algorithm>
#include <array>
#include <regex>
#include <utility>

namespace danectl {
namespace {

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

// As messages show a long digest.
std::string shortened(const std::string& hex) {
  return hex.substr(0, 12) + "..." + hex.substr(hex.size() - 8);
}

}  // namespace

void Names::add(const std::string& name, const KeyId& key) {
  if (!keys_.emplace(name, key).second) throw ScenarioError(name + " is made already");
}

RRset Names::rrset(const std::string& text) {
  RRset records;
  if (text == "nothing") return records;
  for (const std::string& one : split(text, ",")) {
    static const std::regex form("([0-3] [01] [12]) ([KIX]([1-9]))");
    std::smatch found;
    if (!std::regex_match(one, found, form)) throw ScenarioError("not a record such as 3 1 1 K1: " + one);
    const std::string name = found[2];
    if (name[0] == 'X' && !knows(name)) add(name, {std::string(64, name[1]), std::string(128, name[1])});
    if (!knows(name)) throw ScenarioError("there is no " + name);
    records.push_back(association_of(keys_.at(name), Group::parse(found[1].str()).value()));
  }
  std::sort(records.begin(), records.end());
  return records;
}

std::string Names::in_words(std::string text) const {
  for (const auto& [name, key] : keys_) {
    for (const std::string& hex : {key.sha256, key.sha512}) {
      replace_all(text, hex, name);
      replace_all(text, shortened(hex), name);
    }
  }
  static const std::regex time("20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z");
  std::string words;
  for (std::smatch found; std::regex_search(text, found, time); text = found.suffix()) {
    words += found.prefix().str() + moment_text(parse_rfc3339(found.str()).value() - beginning());
  }
  return words + text;
}

std::vector<std::string> split(const std::string& text, const std::string& between) {
  std::vector<std::string> parts;
  for (std::size_t from = 0; from != std::string::npos;) {
    const auto to = text.find(between, from);
    const std::string part = text.substr(from, to == std::string::npos ? to : to - from);
    const auto begin = part.find_first_not_of(' ');
    parts.push_back(begin == std::string::npos ? "" : part.substr(begin, part.find_last_not_of(' ') - begin + 1));
    from = to == std::string::npos ? to : to + between.size();
  }
  return parts;
}

Seconds parse_moment(const std::string& text) {
  static const std::regex whole("\\+([0-9]+[dhms])+");
  static const std::regex part("[0-9]+[dhms]");
  if (!std::regex_match(text, whole)) throw ScenarioError("not a time such as +0s or +1h10m: " + text);
  Seconds sum{0};
  for (std::sregex_iterator one(text.begin(), text.end(), part); one != std::sregex_iterator(); ++one) {
    sum += parse_duration(one->str()).value();
  }
  return sum;
}

std::string moment_text(Milliseconds since_beginning) {
  static constexpr std::array<std::pair<int, char>, 4> units{{{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}}};
  auto left = std::chrono::floor<Seconds>(since_beginning).count();
  if (left < 0) return "-" + moment_text(-since_beginning).substr(1);
  std::string text = "+";
  for (const auto& [seconds, letter] : units) {
    if (left >= seconds) text += std::to_string(left / seconds) + letter;
    left %= seconds;
  }
  return text == "+" ? "+0s" : text;
}

WallTime beginning() {
  return at(0).wall;
}

}  // namespace danectl
