#include "app/store/children.hpp"

#include <fmt/ranges.h>

namespace danectl {
namespace {

constexpr std::size_t shown_lines = 10;

}  // namespace

std::string last_lines(const std::string& text) {
  std::size_t start = text.size();
  for (std::size_t lines = 0; start > 0; --start) {
    if (text[start - 1] == '\n' && start != text.size() && ++lines == shown_lines) break;
  }
  std::string tail = text.substr(start);
  while (!tail.empty() && tail.back() == '\n') tail.pop_back();
  std::string indented;
  for (const char c : tail) indented += c == '\n' ? std::string("\n    ") : std::string(1, c);
  return indented.empty() ? indented : "\n    " + indented;
}

Status run_child(const Workshop& shop, const Command& command, const std::string& shown) {
  const auto outcome = shop.world.processes.run(command);
  if (!outcome) return outcome.error();
  if (outcome->success()) return {};
  return failed(fmt::format("{}: {}{}", shown, outcome->text(), last_lines(outcome->err + outcome->out)));
}

std::string joined(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, " "));
}

}  // namespace danectl
