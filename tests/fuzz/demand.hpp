// What a fuzz target demands of what was read: an abort is found, and its input kept.
#pragma once

#include <cstdlib>

inline void demand(bool holds) {
  if (!holds) std::abort();
}
