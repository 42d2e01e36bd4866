// The reader of the scenarios: each text beside this file is lived through, and each of its sentences has to be true.
// README.md has the language.
#include "scenarios/told_world.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

using namespace danectl;

namespace {

class Reader {
 public:
  // What is wrong, with the name of the file and the number of the line; nothing: all of it is true.
  std::optional<std::string> read(const std::string& file, const std::string& text) {
    std::istringstream lines(text);
    int number = 0;
    try {
      for (std::string line; std::getline(lines, line);) {
        ++number;
        take(line);
      }
      if (expectations_ == 0) throw ScenarioError("nothing is expected in it");
      return std::nullopt;
    } catch (const ScenarioError& error) {
      std::string trouble = file + ":" + std::to_string(number) + ": " + error.what();
      if (!last_call_.empty()) trouble += "\n`danectl " + last_call_ + "` said:\n" + world_.said();
      return trouble;
    }
  }

 private:
  // Up to the first line that begins with a time it is the heading.
  void take(const std::string& line) {
    static const std::regex happening("(\\+\\S*) +(\\S.*?) *");
    static const std::regex expectation(" +([a-z0-9]+): +(\\S.*?) *");
    std::smatch found;
    const bool blank = line.find_first_not_of(' ') == std::string::npos;
    if (std::regex_match(line, found, happening)) {
      began_ = true;
      world_.set_time(found[1]);
      happens(found[2]);
    } else if (!began_ || blank || line.starts_with('#')) {
      return;
    } else if (std::regex_match(line, found, expectation)) {
      expect(found[1], found[2]);
    } else {
      throw ScenarioError("neither a time and what happens, nor what is seen then: " + line);
    }
  }

  void happens(const std::string& what) {
    if (!what.starts_with("danectl ")) return world_.happens(what);
    static const std::regex with_exit("danectl (.*\\S) +exit ([0-9]+)(( +\"[^\"]+\")*)");
    std::smatch found;
    if (!std::regex_match(what, found, with_exit)) throw ScenarioError("a command ends in its exit code: " + what);
    last_call_ = found[1];
    const int code = world_.call(last_call_);
    ++expectations_;
    if (std::to_string(code) != found[2]) {
      throw ScenarioError("expected exit " + found[2].str() + ", seen exit " + std::to_string(code));
    }
    const std::string said = world_.said();
    const std::vector<std::string> quotes = split(found[3], "\"");
    for (std::size_t i = 1; i < quotes.size(); i += 2) {
      if (said.find(quotes[i]) == std::string::npos) throw ScenarioError("expected that it says \"" + quotes[i] + "\"");
    }
  }

  void expect(const std::string& noun, const std::string& expected) {
    const std::string seen = world_.seen(noun);
    ++expectations_;
    if (sorted(expected) != sorted(seen)) {
      throw ScenarioError(noun + ": expected " + expected + ", seen " + seen);
    }
  }

  // Records are sorted by their digests, which no scenario knows.
  static std::vector<std::string> sorted(const std::string& parts) {
    std::vector<std::string> list = split(parts, ",");
    std::sort(list.begin(), list.end());
    return list;
  }

  ToldWorld world_;
  bool began_ = false;
  int expectations_ = 0;
  std::string last_call_;
};

std::string content(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

const std::string opening =
    "A heading.\n\n"
    "+0s  certbot has K1, and the server presents it\n"
    "+0s  ns1 and ns2 give 3 1 1 K1, TTL 5m\n"
    "+0s  danectl enroll mx.example.com --tlsa _25._tcp.mx.example.com --reload reload   exit 0\n";

// What the reader says of a story that ends in these lines.
std::string trouble_of(const std::string& lines) {
  return Reader().read("a.txt", opening + lines).value_or("none");
}

}  // namespace

TEST_CASE("Every scenario comes true") {
  int scenarios = 0;
  for (const auto& entry : std::filesystem::directory_iterator(DANECTL_SCENARIOS)) {
    if (entry.path().extension() != ".txt") continue;
    ++scenarios;
    const std::string file = "tests/scenarios/" + entry.path().filename().string();
    DYNAMIC_SECTION(file) {
      if (const auto trouble = Reader().read(file, content(entry.path()))) FAIL(*trouble);
    }
  }
  CHECK(scenarios >= 10);
}

TEST_CASE("A scenario that is not true is refused by its line, with what was expected and what was seen") {
  using Catch::Matchers::StartsWith;
  CHECK(trouble_of("        published: 3 1 1 K1\n") == "none");
  CHECK_THAT(trouble_of("        published: 3 1 1 K1, 3 1 1 X1\n"),
             StartsWith("a.txt:6: published: expected 3 1 1 K1, 3 1 1 X1, seen 3 1 1 K1\n"));
  CHECK_THAT(trouble_of("+1h  danectl promote   exit 0\n"), StartsWith("a.txt:6: expected exit 0, seen exit 1\n"));
  CHECK_THAT(trouble_of("+1h  danectl promote   exit 1  \"a joke\"\n"),
             StartsWith("a.txt:6: expected that it says \"a joke\"\n"));
  CHECK_THAT(trouble_of("+1h  ns1 gives 3 1 1 X1, TTL 5m\n"), StartsWith("a.txt:6: mail is held: "));
}

TEST_CASE("What a scenario says in other words than those of README.md is refused") {
  using Catch::Matchers::StartsWith;
  CHECK_THAT(trouble_of("+1h  ns2 sleeps\n"), StartsWith("a.txt:6: not a sentence of README.md: ns2 sleeps"));
  CHECK_THAT(trouble_of("      weather: fine\n"),
             StartsWith("a.txt:6: not a thing that README.md says can be seen: weather"));
  CHECK_THAT(trouble_of("ns2 is silent\n"), StartsWith("a.txt:6: neither a time and what happens, nor"));
  CHECK_THAT(trouble_of("+1x  ns2 is silent\n"), StartsWith("a.txt:6: not a time such as +0s or +1h10m: +1x"));
  CHECK_THAT(trouble_of("+1h  danectl run\n"), StartsWith("a.txt:6: a command ends in its exit code: danectl run"));
  CHECK_THAT(trouble_of("+1h  danectl sing   exit 2\n"), StartsWith("a.txt:6: "));
  CHECK_THAT(trouble_of("+1h  ns2 is silent\n+1m  ns2 answers again\n"), StartsWith("a.txt:7: time goes back"));
}

TEST_CASE("A scenario that expects nothing is refused") {
  CHECK(Reader().read("a.txt", "") == "a.txt:0: nothing is expected in it");
  CHECK(Reader().read("a.txt", "A heading.\n\n+0s  certbot has K1, and the server presents it\n") ==
        "a.txt:3: nothing is expected in it");
}
