#pragma once

// Catch2 3 by the name of Catch2 2's one header, which the tests include. tests/CMakeLists.txt puts this folder on the
// way of a compiler that has version 3.

#include <catch2/catch_all.hpp>
