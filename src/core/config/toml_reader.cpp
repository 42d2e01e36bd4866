#include "core/config/toml_reader.hpp"

#include "core/base/nearest.hpp"
#include "core/config/toml_fault.hpp"

// Where toml++ is headers alone: its assertions would end the program at "[*", which the code behind them refuses.
#define TOML_ASSERT(expression) static_assert(true)
#include <toml++/toml.h>

#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <limits>

namespace danectl {

namespace {

constexpr std::size_t no_line = std::numeric_limits<std::size_t>::max();

std::string_view type_of(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::string:
      return "a string";
    case toml::node_type::integer:
      return "an integer";
    case toml::node_type::floating_point:
      return "a floating-point number";
    case toml::node_type::boolean:
      return "a boolean";
    case toml::node_type::array:
      return "an array";
    case toml::node_type::table:
      return "a table";
    default:
      return "a date or time";
  }
}

TomlValue value_of(const toml::node& node) {
  TomlValue value;
  value.line = node.source().begin.line;
  value.type = type_of(node);
  if (const auto* text = node.as_string()) {
    value.kind = TomlValue::Kind::text;
    value.text = text->get();
  } else if (const auto* boolean = node.as_boolean()) {
    value.kind = TomlValue::Kind::boolean;
    value.is_true = boolean->get();
  } else if (const auto* array = node.as_array()) {
    value.kind = TomlValue::Kind::array;
    for (const toml::node& item : *array) value.items.push_back(value_of(item));
  } else if (node.is_table()) {
    value.kind = TomlValue::Kind::table;
  }
  return value;
}

// A key that needs quotes keeps them, so that `"dns.timeout"` is not taken for `timeout` of [dns].
std::string shown_key(std::string_view key) {
  const auto bare = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-'; };
  return !key.empty() && std::all_of(key.begin(), key.end(), bare) ? std::string(key) : toml_string(key);
}

// A bare key has no bracket, so that this is never the name of a key.
std::string numbered(const std::string& key, std::size_t number) {
  return fmt::format("{}[{}]", key, number);
}

void flatten(const toml::table& table, const std::string& prefix, std::map<std::string, TomlValue>& into) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + shown_key(key.str());
    TomlValue value = value_of(node);
    if (key.source().begin.line != 0 && value.kind != TomlValue::Kind::text) value.line = key.source().begin.line;
    into.emplace(name, std::move(value));
    if (const auto* inner = node.as_table()) flatten(*inner, name + ".", into);
    const auto* array = node.as_array();
    for (std::size_t i = 0; array != nullptr && i < array->size(); ++i) {
      const auto* inner = array->get(i)->as_table();
      if (inner == nullptr) continue;
      into.emplace(numbered(name, i), value_of(*inner));
      flatten(*inner, numbered(name, i) + ".", into);
    }
  }
}

std::string lower_start(std::string text) {
  if (!text.empty()) text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  while (!text.empty() && text.back() == '.') text.pop_back();
  return text;
}

std::string table_of(const std::string& key) {
  const std::size_t dot = key.rfind('.');
  return dot == std::string::npos ? std::string() : key.substr(0, dot);
}

// "publish.zone[1].ttl" -> "publish.zone.ttl": the line says which it is. Within quotes all stays.
std::string without_numbers(const std::string& key) {
  std::string text;
  bool quoted = false;
  bool number = false;
  for (std::size_t i = 0; i < key.size(); ++i) {
    if (key[i] == '"' && (i == 0 || key[i - 1] != '\\')) quoted = !quoted;
    if (key[i] == '[' && !quoted) number = true;
    if (!number) text += key[i];
    if (key[i] == ']' && !quoted) number = false;
  }
  return text;
}

std::string header_of(const std::string& table) {
  const std::string name = without_numbers(table);
  return name == table ? "[" + name + "]" : "[[" + name + "]]";
}

}  // namespace

Result<TomlReader> TomlReader::parse(std::string_view toml, const std::string& path) {
  const char* const as_written =
      "danectl.toml(5) shows how the file is written: strings in double quotes, each key once";
  if (const auto fault = find_toml_fault(toml)) {
    return invalid(fmt::format("{}:{}: not valid TOML: {}", path, fault->line, fault->what), as_written);
  }
  TomlReader reader(path);
  try {
    flatten(toml::parse(toml, std::string_view(path)), {}, reader.values_);
  } catch (const toml::parse_error& error) {
    return invalid(fmt::format("{}:{}: not valid TOML: {}", path, error.source().begin.line,
                               lower_start(std::string(error.description()))),
                   as_written);
  }
  return reader;
}

const TomlValue* TomlReader::ask(const std::string& key) {
  asked_.push_back(key);
  const auto found = values_.find(key);
  return found == values_.end() ? nullptr : &found->second;
}

bool TomlReader::demand(const std::string& key, const TomlValue& value, TomlValue::Kind kind, const char* allowed) {
  if (value.kind == kind) return true;
  const char* wanted = kind == TomlValue::Kind::text      ? "a string"
                       : kind == TomlValue::Kind::boolean ? "a boolean"
                                                          : "an array";
  refuse_at(value.line, key, invalid(fmt::format("{} is wanted, not {}", wanted, value.type)), allowed);
  return false;
}

// Names, paths and addresses end up in messages, scripts and command lines, where a line break would begin a new one.
bool TomlReader::demand_printable(const std::string& key, const TomlValue& value, const char* allowed) {
  if (!demand(key, value, TomlValue::Kind::text, allowed)) return false;
  const auto control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
  if (std::none_of(value.text.begin(), value.text.end(), control)) return true;
  refuse_at(value.line, key, invalid("has a control character"), allowed);
  return false;
}

std::vector<std::string> TomlReader::tables(const std::string& key, const char* allowed) {
  asked_for_tables_.push_back(key);
  std::vector<std::string> names;
  const TomlValue* value = ask(key);
  if (value == nullptr) return names;
  const auto wanted = [&](const TomlValue& other) {
    refuse_at(other.line, key, invalid(fmt::format("an array of tables is wanted, not {}", other.type)),
              fmt::format("write [[{}]] above the keys of each: {}", key, allowed).c_str());
  };
  if (value->kind != TomlValue::Kind::array) wanted(*value);
  for (std::size_t i = 0; i < value->items.size(); ++i) {
    if (value->items[i].kind != TomlValue::Kind::table) {
      wanted(value->items[i]);
      continue;
    }
    names.push_back(numbered(key, i));
    ask(names.back());
  }
  return names;
}

void TomlReader::boolean(const std::string& key, bool& into, const char* allowed) {
  const TomlValue* value = ask(key);
  if (value != nullptr && demand(key, *value, TomlValue::Kind::boolean, allowed)) into = value->is_true;
}

void TomlReader::argv(const std::string& key, std::vector<std::string>& into, const char* allowed) {
  if (const TomlValue* value = ask(key)) arguments(key, *value, into, allowed);
}

bool TomlReader::arguments(const std::string& key, const TomlValue& value, std::vector<std::string>& into,
                           const char* allowed) {
  if (!demand(key, value, TomlValue::Kind::array, allowed)) return false;
  into.clear();
  for (const TomlValue& item : value.items) {
    if (!demand(key, item, TomlValue::Kind::text, allowed)) return false;
    // It would end the argument early, unseen.
    if (item.text.find('\0') != std::string::npos) refuse_at(item.line, key, invalid("has a NUL character"), allowed);
    into.push_back(item.text);
  }
  return true;
}

void TomlReader::commands(const std::string& key, std::vector<std::vector<std::string>>& into,
                          Status (*check)(const std::vector<std::string>&), const char* allowed) {
  const TomlValue* value = ask(key);
  if (value == nullptr || !demand(key, *value, TomlValue::Kind::array, allowed)) return;
  into.clear();
  for (const TomlValue& item : value->items) {
    std::vector<std::string> argv;
    if (!arguments(key, item, argv, allowed)) continue;
    if (const Status status = check(argv); !status) refuse_at(item.line, key, status.error(), allowed);
    into.push_back(std::move(argv));
  }
}

void TomlReader::refuse(const std::string& key, const Error& error) {
  if (!first_) refuse_at(line_of(key), key, error, "");
}

std::size_t TomlReader::line_of(const std::string& key) const {
  if (const auto found = values_.find(key); found != values_.end()) return found->second.line;
  const std::string table = table_of(key);
  const auto found = values_.find(table);
  return table.ends_with(']') && found != values_.end() ? found->second.line : no_line;
}

void TomlReader::refuse_at(std::size_t line, const std::string& key, const Error& error, const char* allowed) {
  if (first_ && first_line_ <= line) return;
  const std::string place = line == no_line ? path_ : fmt::format("{}:{}", path_, line);
  first_ = invalid(fmt::format("{}: key \"{}\": {}", place, without_numbers(key), error.what),
                   error.hint.empty() ? std::string(allowed) : error.hint);
  first_line_ = line;
}

std::string TomlReader::known_beside(const std::string& key) const {
  const std::string table = table_of(key);
  std::vector<std::string> known;
  const auto add = [&](const std::string& name) {
    if (std::find(known.begin(), known.end(), name) == known.end()) known.push_back(name);
  };
  for (const std::string& asked : asked_) {
    const bool is_tables = asked.ends_with(']') || std::find(asked_for_tables_.begin(), asked_for_tables_.end(),
                                                             asked) != asked_for_tables_.end();
    const std::string asked_table = table_of(asked);
    if (is_tables) {
      if (table.empty()) add("[[" + without_numbers(asked) + "]]");
    } else if (asked_table == table) {
      add(table.empty() ? asked : asked.substr(table.size() + 1));
    } else if (table.empty()) {
      add(header_of(asked_table));
    }
  }
  const std::string name = table.empty() ? key : key.substr(table.size() + 1);
  return did_you_mean(
      without_numbers(name), known,
      fmt::format("known {}: {}", table.empty() ? "here" : "in " + header_of(table), fmt::join(known, ", ")));
}

Status TomlReader::finish() {
  std::vector<std::string> tables;
  for (const std::string& asked : asked_) tables.push_back(table_of(asked));
  const auto has = [](const std::vector<std::string>& keys, const std::string& key) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
  };
  for (const auto& [key, value] : values_) {
    if (has(asked_, key)) continue;
    if (!has(tables, key)) {
      refuse_at(value.line, key, invalid("unknown", known_beside(key)), "");
    } else if (value.kind != TomlValue::Kind::table) {
      refuse_at(value.line, key,
                invalid(fmt::format("a table is wanted, not {}", value.type),
                        fmt::format("write [{}] on a line of its own, its keys below", key)),
                "");
    }
  }
  if (first_) return *first_;
  return {};
}

std::string toml_string(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      quoted += fmt::format("\\u{:04X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

}  // namespace danectl
