#include "app/frame/output.hpp"

#include "app/frame/wrap.hpp"
#include "core/base/foreign_text.hpp"

namespace danectl {
namespace {

void print(const Output& output, std::string_view subject, std::string_view what, std::string_view hint) {
  std::string text = "danectl: ";
  if (!subject.empty()) text += std::string(subject) + ": ";
  text += std::string(what) + '\n';
  if (!hint.empty()) text += "  " + std::string(hint) + '\n';
  output.err << wrapped(printable(text), output.err_columns);
}

}  // namespace

void Output::trouble(const Error& error) const {
  print(*this, {}, error.what, error.hint);
}

void Output::trouble(std::string_view subject, const Error& error) const {
  print(*this, subject, error.what, error.hint);
}

void Output::warn(std::string_view what, std::string_view hint) const {
  print(*this, "warning", what, hint);
}

}  // namespace danectl
