// Lines of text that fit a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace danectl {

// How many columns the text takes: UTF-8, each character one column; colours take none.
std::size_t columns_of(std::string_view text);

// Each line that is longer than `columns` goes on below itself, broken at blanks. What follows stands below the text of
// the line: behind its label when it has one ("served    generation 3"), else two columns further in than the line. A
// word that is longer is left whole. 0 columns: the text as it is.
std::string wrapped(std::string_view text, std::size_t columns);

}  // namespace danectl
