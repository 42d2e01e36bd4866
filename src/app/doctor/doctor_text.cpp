#include "app/doctor/doctor_text.hpp"

#include "app/frame/wrap.hpp"
#include "core/base/foreign_text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace danectl {
namespace {

constexpr std::size_t usual_width = 80;

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

bool is_command(std::string_view remedy) {
  constexpr std::array<std::string_view, 18> programs{
      "apt-get", "certbot", "chmod", "danectl",  "delv",    "doveadm", "echo",      "grep", "install",
      "mkdir",   "mv",      "nginx", "postconf", "postfix", "sed",     "systemctl", "sudo", "timedatectl"};
  return std::find(programs.begin(), programs.end(), remedy.substr(0, remedy.find(' '))) != programs.end();
}

}  // namespace

std::string doctor_text(const std::vector<Item>& items, const Output& output) {
  const std::size_t columns = output.columns == 0 ? usual_width : output.columns;
  const std::string indent(output.unicode ? 4 : 5, ' ');
  std::string text;
  for (const Item& item : items) {
    const std::string sentence =
        fmt::format("{} {}: {}", mark_text(item.state, output), to_text(item.area), one_line(item.sentence));
    text += wrapped(sentence, columns) + '\n';
    if (item.remedy.empty()) continue;
    const std::string remedy = indent + one_line(item.remedy);
    text += (is_command(remedy.substr(indent.size())) ? remedy : wrapped(remedy, columns)) + '\n';
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
