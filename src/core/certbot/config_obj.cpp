#include "core/certbot/config_obj.hpp"

#include <algorithm>
#include <optional>

namespace danectl {
namespace {

constexpr std::string_view blanks = " \t\f\v\r";
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool is_quote(char c) {
  return c == '"' || c == '\'';
}

std::string unquote(std::string_view text) {
  if (text.size() >= 2 && is_quote(text.front()) && text.back() == text.front()) text = text.substr(1, text.size() - 2);
  return std::string(text);
}

bool nothing_or_comment(std::string_view rest) {
  rest = trim(rest);
  return rest.empty() || rest.front() == '#';
}

struct Value {
  std::string text;
  std::size_t size = 0;  // as written, from where it begins
};

// One element of a list (or the only one) from `at`; gives where it ends, before blanks, comma or comment.
std::optional<std::size_t> end_of_element(std::string_view line, std::size_t at) {
  if (at < line.size() && is_quote(line[at])) {
    const auto close = line.find(line[at], at + 1);
    if (close == std::string_view::npos) return std::nullopt;
    return close + 1;
  }
  return std::min(line.find_first_of(",#", at), line.size());
}

std::optional<Value> read_value(std::string_view line) {
  std::size_t at = 0;
  std::size_t elements = 0;
  while (true) {
    const auto end = end_of_element(line, at);
    if (!end) return std::nullopt;
    ++elements;
    const auto next = std::min(line.find_first_not_of(blanks, *end), line.size());
    if (next < line.size() && line[next] == ',') {
      at = std::min(line.find_first_not_of(blanks, next + 1), line.size());
      continue;
    }
    if (!nothing_or_comment(line.substr(*end))) return std::nullopt;
    const auto written = line.substr(0, *end);
    const auto size = trim(written).size();  // `line` begins with no blank
    return Value{elements == 1 ? unquote(written.substr(0, size)) : std::string(written.substr(0, size)), size};
  }
}

class Reader {
 public:
  Reader(std::string_view text, const std::string& path) : text_(text), path_(path) {
    found_.sections.push_back({});
    if (text_.starts_with(byte_order_mark)) next_ = found_.sections.front().end = byte_order_mark.size();
  }

  Result<ConfigObjText> read() {
    while (next_ < text_.size()) {
      take_line();
      if (auto done = read_line(); !done) return done.error();
    }
    return std::move(found_);
  }

 private:
  // Line ends are \n, \r\n, and a lone \r, as ConfigObj takes them.
  void take_line() {
    begin_ = next_;
    const auto end = std::min(text_.find_first_of("\r\n", begin_), text_.size());
    line_ = text_.substr(begin_, end - begin_);
    next_ = std::min(end + 1, text_.size());
    if (text_.substr(end, 2) == "\r\n") next_ = end + 2;
    ++number_;
  }

  [[nodiscard]] Error bad(std::string_view why) const {
    return failed("certbot's " + path_ + " line " + std::to_string(number_) + ": " + std::string(why),
                  "certbot cannot read this file either: repair it");
  }

  Status read_line() {
    const auto content = trim(line_);
    if (content.empty() || content.front() == '#') return {};
    if (content.front() == '[') return read_section(content);
    return read_entry();
  }

  Status read_section(std::string_view content) {
    ConfigObjSection section;
    section.line = number_;
    section.end = next_;
    std::size_t at = 0;
    for (; at < content.size() && (content[at] == '[' || blanks.find(content[at]) != blanks.npos); ++at) {
      if (content[at] == '[') ++section.depth;
    }
    const auto close = at < content.size() && is_quote(content[at]) ? content.find(content[at], at + 1) : at;
    const auto bracket = close == content.npos ? content.npos : content.find(']', close);
    if (bracket == content.npos) return bad("a section without its ]");
    section.name = unquote(trim(content.substr(at, bracket - at)));
    const auto rest = std::min(content.find_first_not_of("] \t", bracket), content.size());
    const auto closing = content.substr(bracket, rest - bracket);
    if (static_cast<std::size_t>(std::count(closing.begin(), closing.end(), ']')) != section.depth ||
        !nothing_or_comment(content.substr(rest)) || section.name.empty()) {
      return bad("not a section as ConfigObj has it");
    }
    return add(std::move(section));
  }

  Status add(ConfigObjSection section) {
    if (section.depth > found_.sections.back().depth + 1) return bad("a section nested too deep");
    if (section.depth == 1 && found_.section(section.name)) return bad("section " + section.name + " a second time");
    found_.sections.push_back(std::move(section));
    return {};
  }

  Status read_entry() {
    ConfigObjEntry entry;
    entry.section = found_.sections.size() - 1;
    entry.line = number_;
    entry.begin = begin_;
    const auto key_begin = line_.find_first_not_of(blanks);
    auto key_end = key_begin;
    if (is_quote(line_[key_begin]))
      key_end = std::min(line_.find(line_[key_begin], key_begin + 1), line_.size() - 1) + 1;
    const auto equals = line_.find('=', key_end);
    if (equals == line_.npos || equals == key_begin ||
        (key_end > key_begin && !trim(line_.substr(key_end, equals - key_end)).empty())) {
      return bad("neither a key with a value nor a section");
    }
    entry.key = unquote(trim(line_.substr(key_begin, equals - key_begin)));
    const auto value_at = std::min(line_.find_first_not_of(blanks, equals + 1), line_.size());
    entry.value_begin = begin_ + value_at;
    if (auto done = read_value_of(entry, line_.substr(value_at)); !done) return done;
    entry.end = next_;
    return add(std::move(entry));
  }

  Status read_value_of(ConfigObjEntry& entry, std::string_view rest) {
    if (rest.starts_with("'''") || rest.starts_with("\"\"\"")) return read_long_value(entry, rest.substr(0, 3));
    auto value = read_value(rest);
    if (!value) return bad("the value of " + entry.key + " is badly quoted");
    entry.value = std::move(value->text);
    entry.value_end = entry.value_begin + value->size;
    return {};
  }

  Status read_long_value(ConfigObjEntry& entry, std::string_view quotes) {
    const auto close = text_.find(quotes, entry.value_begin + 3);
    if (close == text_.npos) return bad("the value of " + entry.key + " has no end");
    entry.value = std::string(text_.substr(entry.value_begin + 3, close - entry.value_begin - 3));
    entry.value_end = close + 3;
    while (next_ <= close && next_ < text_.size()) take_line();
    if (!nothing_or_comment(text_.substr(entry.value_end, begin_ + line_.size() - entry.value_end))) {
      return bad("the value of " + entry.key + " is badly quoted");
    }
    return {};
  }

  Status add(ConfigObjEntry entry) {
    const auto same = [&](const ConfigObjEntry& other) {
      return other.section == entry.section && other.key == entry.key;
    };
    if (std::any_of(found_.entries.begin(), found_.entries.end(), same)) return bad(entry.key + " a second time");
    found_.entries.push_back(std::move(entry));
    return {};
  }

  std::string_view text_;
  const std::string& path_;
  ConfigObjText found_;
  std::size_t begin_ = 0;
  std::size_t next_ = 0;
  std::string_view line_;
  int number_ = 0;
};

}  // namespace

const ConfigObjSection* ConfigObjText::section(std::string_view name) const {
  for (const auto& section : sections) {
    if (section.depth == 1 && section.name == name) return &section;
  }
  return nullptr;
}

const ConfigObjEntry* ConfigObjText::find(std::string_view section, std::string_view key) const {
  for (const auto& entry : entries) {
    const auto& in = sections[entry.section];
    if (in.depth == (section.empty() ? 0U : 1U) && in.name == section && entry.key == key) return &entry;
  }
  return nullptr;
}

Result<ConfigObjText> read_config_obj(std::string_view text, const std::string& path) {
  return Reader(text, path).read();
}

std::string config_obj_value(const std::string& value) {
  const bool plain = !value.empty() && value.find_first_of("\"',#") == value.npos && trim(value) == value;
  if (plain) return value;
  if (value.find('"') == value.npos) return '"' + value + '"';
  if (value.find('\'') == value.npos) return '\'' + value + '\'';
  return "'''" + value + "'''";
}

}  // namespace danectl
