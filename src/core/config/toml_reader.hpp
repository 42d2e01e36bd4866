// A TOML file read strictly. Each key is asked for once with the check its value must pass; in the end what nobody
// asked for is unknown, and the first trouble by line is the error: `FILE:LINE: key "dns.timeout": ...`, with a hint
// that says what is allowed.
#pragma once

#include "core/base/result.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace danectl {

struct TomlValue {
  enum class Kind { text, boolean, array, table, other };
  Kind kind = Kind::other;
  std::size_t line = 0;
  std::string text;              // of Kind::text its value
  bool is_true = false;          // of Kind::boolean
  std::vector<TomlValue> items;  // of Kind::array
  std::string_view type = {};    // for messages: "a string", "an integer"
};

class TomlReader {
 public:
  // Text that is not TOML is ErrorKind::invalid, with its line.
  static Result<TomlReader> parse(std::string_view toml, const std::string& path);

  // Keys are "ttl" or "publish.ttl". A key that is not there leaves `into` alone. `check` makes a Result<T> of a
  // std::string_view; its error is said without file, line and key, which are put before it. `allowed` is the hint
  // where it has none.
  template <class T, class Check>
  void text(const std::string& key, T& into, Check check, const char* allowed) {
    if (const TomlValue* value = ask(key)) convert(key, *value, into, check, allowed);
  }
  void boolean(const std::string& key, bool& into, const char* allowed);
  // An array of strings, each checked by itself.
  template <class T, class Check>
  void texts(const std::string& key, std::vector<T>& into, Check check, const char* allowed) {
    if (const TomlValue* value = ask(key)) convert_items(key, *value, into, check, allowed);
  }
  // An array of strings that a program will get: all but NUL may stand in them.
  void argv(const std::string& key, std::vector<std::string>& into, const char* allowed);
  // An array of those, each checked as a whole.
  void commands(const std::string& key, std::vector<std::vector<std::string>>& into,
                Status (*check)(const std::vector<std::string>&), const char* allowed);

  // The tables of an array of them, [[KEY]] in the file, by what is put before the names of their keys: with "zone[0]"
  // a key is "zone[0].name". Messages leave the number out.
  std::vector<std::string> tables(const std::string& key, const char* allowed);

  // For keys whose value may have one of several types; nothing: not there.
  const TomlValue* ask(const std::string& key);
  template <class T, class Check>
  void convert(const std::string& key, const TomlValue& value, T& into, Check check, const char* allowed);
  template <class T, class Check>
  void convert_items(const std::string& key, const TomlValue& value, std::vector<T>& into, Check check,
                     const char* allowed);

  [[nodiscard]] bool has(const std::string& key) const { return values_.contains(key); }
  // A rule that only the whole shows broken; at the line of the key, where that is not there at the line of its
  // [[table]], else the file alone. Said only when each value by itself was good, since it may be broken by the default
  // that stands for a bad one.
  void refuse(const std::string& key, const Error& error);

  // Unknown keys, and the first trouble of all.
  Status finish();

 private:
  explicit TomlReader(std::string path) : path_(std::move(path)) {}

  bool arguments(const std::string& key, const TomlValue& value, std::vector<std::string>& into, const char* allowed);
  bool demand(const std::string& key, const TomlValue& value, TomlValue::Kind kind, const char* allowed);
  bool demand_printable(const std::string& key, const TomlValue& value, const char* allowed);
  void refuse_at(std::size_t line, const std::string& key, const Error& error, const char* allowed);
  [[nodiscard]] std::size_t line_of(const std::string& key) const;
  [[nodiscard]] std::string known_beside(const std::string& key) const;

  std::string path_;
  std::map<std::string, TomlValue> values_;  // by dotted key, tables too
  std::vector<std::string> asked_;
  std::vector<std::string> asked_for_tables_;
  std::optional<Error> first_;
  std::size_t first_line_ = 0;
};

// A TOML basic string, quotes included.
std::string toml_string(std::string_view text);

template <class T, class Check>
void TomlReader::convert(const std::string& key, const TomlValue& value, T& into, Check check, const char* allowed) {
  if (!demand_printable(key, value, allowed)) return;
  if (auto checked = check(std::string_view(value.text)); checked.ok()) {
    into = std::move(checked.value());
  } else {
    refuse_at(value.line, key, checked.error(), allowed);
  }
}

template <class T, class Check>
void TomlReader::convert_items(const std::string& key, const TomlValue& value, std::vector<T>& into, Check check,
                               const char* allowed) {
  if (!demand(key, value, TomlValue::Kind::array, allowed)) return;
  into.clear();
  for (const TomlValue& item : value.items) {
    T converted{};
    convert(key, item, converted, check, allowed);
    into.push_back(std::move(converted));
  }
}

}  // namespace danectl
