#include "app/doctor/doctor_text.hpp"

#include "app/check/check_words.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace danectl {
namespace {

constexpr std::size_t width = 80;

struct Mark {
  const char* word;
  const char* sign;
  const char* colour;
};

Mark mark_of(Item::State state) {
  switch (state) {
    case Item::State::ok:
      return {"ok", "✓", "32"};
    case Item::State::trouble:
      return {"NO", "✗", "1;31"};
    case Item::State::unknown:
      break;
  }
  return {"? ", "?", "35"};
}

std::string mark_text(Item::State state, const Output& output) {
  const Mark mark = mark_of(state);
  const char* const text = output.unicode ? mark.sign : mark.word;
  return output.colour ? fmt::format("\x1b[{}m{}\x1b[0m", mark.colour, text) : text;
}

// Broken at blanks; each line after the first begins with `indent` of them. A word that is too long has a line alone.
std::string wrapped(std::string_view text, std::size_t column, std::size_t indent) {
  std::string lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    if (!lines.empty() && column + 1 + word.size() > width) {
      lines += '\n' + std::string(indent, ' ');
      column = indent;
    } else if (!lines.empty()) {
      lines += ' ';
      ++column;
    }
    lines += word;
    column += word.size();
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

bool is_command(std::string_view remedy) {
  constexpr std::array<std::string_view, 18> programs{
      "apt-get", "certbot", "chmod", "danectl",  "delv",    "doveadm", "echo",      "grep", "install",
      "mkdir",   "mv",      "nginx", "postconf", "postfix", "sed",     "systemctl", "sudo", "timedatectl"};
  return std::find(programs.begin(), programs.end(), remedy.substr(0, remedy.find(' '))) != programs.end();
}

}  // namespace

std::string doctor_text(const std::vector<Item>& items, const Output& output) {
  const std::size_t mark_width = output.unicode ? 1 : 2;
  const std::size_t indent = mark_width + 1;
  std::string text;
  for (const Item& item : items) {
    const std::string sentence = fmt::format("{}: {}", to_text(item.area), one_line(item.sentence));
    text += fmt::format("{} {}\n", mark_text(item.state, output), wrapped(sentence, indent, indent + 2));
    if (item.remedy.empty()) continue;
    const std::string remedy = one_line(item.remedy);
    text +=
        std::string(indent + 2, ' ') + (is_command(remedy) ? remedy : wrapped(remedy, indent + 2, indent + 2)) + '\n';
  }
  return text;
}

nlohmann::ordered_json doctor_json(const std::vector<Item>& items) {
  using Json = nlohmann::ordered_json;
  Json list = Json::array();
  const auto text_or_null = [](const std::string& text) { return text.empty() ? Json(nullptr) : Json(one_line(text)); };
  for (const Item& item : items) {
    list.push_back({{"id", to_text(item.area)},
                    {"state", to_text(item.state)},
                    {"finding", text_or_null(item.finding)},
                    {"message", one_line(item.sentence)},
                    {"remedy", text_or_null(item.remedy)}});
  }
  return {{"version", 1}, {"ok", !any_trouble(items)}, {"items", std::move(list)}};
}

}  // namespace danectl
