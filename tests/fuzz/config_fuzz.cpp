// Both configuration parsers and the command splitter: no input may crash them, and what is read of a lineage is
// written so that it is read back the same.
#include "fuzz/demand.hpp"

#include "core/config/config.hpp"
#include "core/config/config_values.hpp"
#include "core/config/lineage_config.hpp"
#include "core/config/lineage_text.hpp"
#include "core/config/probe_url.hpp"
#include "core/config/split_command.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

using namespace danectl;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto config = parse_config(text, "danectl.toml");
  demand(config || !config.error().what.empty());

  if (const auto lineage = parse_lineage_config(text, "mx.toml", "mx"); lineage.ok()) {
    const std::string written = write_lineage_config(*lineage);
    const auto again = parse_lineage_config(written, "mx.toml", "mx");
    demand(again && write_lineage_config(*again) == written);
  }

  const auto argv = split_command(text);
  demand(!argv || check_command(*argv));
  if (const auto url = ProbeUrl::parse(text); url.ok()) {
    const auto again = ProbeUrl::parse(url->text());
    demand(again && again->text() == url->text() && again->owner() == url->owner());
  }
  return 0;
}
