#include "app/frame/exit_code.hpp"

namespace danectl {

int exit_with(const Error& error, const Output& output) {
  output.trouble(error);
  return exit_code(error.kind);
}

int exit_with(std::string_view lineage, const Error& error, const Output& output) {
  output.trouble(lineage, error);
  return exit_code(error.kind);
}

}  // namespace danectl
