// What `doctor` has seen, for a person and as a JSON document.
#pragma once

#include "app/frame/output.hpp"
#include "core/doctor/item.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace danectl {

// A tick, a cross or a question mark, the area and the sentence, wrapped as the terminal is wide, else at 80 columns;
// below it what mends it. A command stands in one line, however long it is: it is to be pasted.
std::string doctor_text(const std::vector<Item>& items, const Output& output);

// danectl(1): version, ok, items.
nlohmann::ordered_json doctor_json(const std::vector<Item>& items);

}  // namespace danectl
