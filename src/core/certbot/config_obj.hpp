// The ConfigObj format of certbot's renewal files, as far as finding things in it: where each section and each value
// stands in the text, so that an edit can leave all other bytes alone.
#pragma once

#include "core/base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace danectl {

struct ConfigObjEntry {
  std::size_t section = 0;  // index into `sections`
  std::string key;
  std::string value;      // unquoted, without its comment; a list stays as it is written
  std::size_t begin = 0;  // of the line
  std::size_t end = 0;    // behind the line's end
  std::size_t value_begin = 0;
  std::size_t value_end = 0;  // with quotes, without comment
  int line = 0;               // from 1
};

struct ConfigObjSection {
  std::string name;       // the first has none: it is the top of the file
  std::size_t depth = 0;  // number of brackets
  std::size_t end = 0;    // behind the line of the section marker
  int line = 0;
};

struct ConfigObjText {
  std::vector<ConfigObjSection> sections;
  std::vector<ConfigObjEntry> entries;

  [[nodiscard]] const ConfigObjSection* section(std::string_view name) const;  // of depth 1; nothing: not there
  // The entry of a section itself, not of its subsections. An empty name: the top.
  [[nodiscard]] const ConfigObjEntry* find(std::string_view section, std::string_view key) const;
};

// What ConfigObj refuses (a key twice, a line that is neither key nor section, a quote without its end) is an error
// that names `path` and the line.
Result<ConfigObjText> read_config_obj(std::string_view text, const std::string& path);

// A value as ConfigObj must have it written. REQUIRES no line break in it.
std::string config_obj_value(const std::string& value);

}  // namespace danectl
