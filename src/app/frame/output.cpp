#include "app/frame/output.hpp"

namespace danectl {
namespace {

void print(std::ostream& stream, std::string_view subject, std::string_view what, std::string_view hint) {
  stream << "danectl: ";
  if (!subject.empty()) stream << subject << ": ";
  stream << what << '\n';
  if (!hint.empty()) stream << "  " << hint << '\n';
}

}  // namespace

void Output::trouble(const Error& error) const {
  print(err, {}, error.what, error.hint);
}

void Output::trouble(std::string_view subject, const Error& error) const {
  print(err, subject, error.what, error.hint);
}

void Output::warn(std::string_view what, std::string_view hint) const {
  print(err, "warning", what, hint);
}

}  // namespace danectl
