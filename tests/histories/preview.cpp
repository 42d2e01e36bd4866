#include "histories/preview.hpp"

#include <algorithm>
#include <sstream>

namespace danectl {
namespace {

using Change = RandomDns::Change;

bool is_alike(const Change& one, const Change& other) {
  return one.name == other.name && one.does == other.does;
}

std::string text_of(const Change& change) {
  std::string text = (change.does == Change::Does::add ? "add at " : "delete at ") + change.name.text() + ":";
  for (const Association& record : change.records) text += " " + record.text();
  return text;
}

std::string rest_of_line(const std::string& text, const std::string& start) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(start)) return line.substr(start.size());
  }
  return {};
}

}  // namespace

std::vector<Change> shown_changes(const std::string& output) {
  std::vector<Change> shown;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    const auto data = line.find(" IN TLSA ");
    const bool adds = line.starts_with("would add: ");
    if (data == std::string::npos || !(adds || line.starts_with("would delete: "))) continue;
    std::istringstream words(line.substr(line.find(": ") + 2));
    std::string owner;
    words >> owner;
    const Change one{name(owner),
                     {Association::parse(line.substr(data + 9)).value()},
                     adds ? Change::Does::add : Change::Does::remove,
                     {}};
    const auto known = std::find_if(shown.begin(), shown.end(), [&](const Change& c) { return is_alike(c, one); });
    if (known == shown.end()) {
      shown.push_back(one);
    } else {
      known->records.push_back(one.records.front());
    }
  }
  return shown;
}

std::string differs(const std::vector<Change>& shown, const std::vector<Change>& sent, bool may_hold_back) {
  const bool added = std::any_of(sent.begin(), sent.end(), [](const Change& c) { return c.does == Change::Does::add; });
  for (const Change& one : shown) {
    // Additions come first, and then what may be deleted is another question.
    if (one.does == Change::Does::remove && added) continue;
    std::size_t found = 0;
    for (const Change& change : sent) {
      if (!is_alike(change, one) || found >= one.records.size()) continue;
      for (const Association& record : change.records) {
        if (!has(one.records, record)) return "shown was " + text_of(one) + ", but first came " + text_of(change);
        ++found;
      }
    }
    if (found == 0 && !may_hold_back) return "shown was " + text_of(one) + ", and nothing was sent";
  }
  if (sent.empty() || (sent.front().does == Change::Does::remove && added)) return {};
  const bool expected =
      std::any_of(shown.begin(), shown.end(), [&](const Change& one) { return is_alike(one, sent.front()); });
  return expected ? "" : "not shown was " + text_of(sent.front());
}

std::string shown_step(const std::string& output, const std::string& lineage) {
  for (const std::string verb : {"would ", "nothing to do now; then "}) {
    if (std::string rest = rest_of_line(output, lineage + ": " + verb); !rest.empty()) return rest;
  }
  return {};
}

std::string first_step(const std::string& messages, const std::string& lineage) {
  return rest_of_line(messages, "danectl: " + lineage + ": step: ");
}

bool is_same_step(const std::string& shown, const std::string& did) {
  const std::string what = did.substr(0, did.find(": "));
  const std::string why = did.substr(what.size());
  return shown == did || (shown.starts_with(what + " at ") && shown.ends_with(why));
}

}  // namespace danectl
