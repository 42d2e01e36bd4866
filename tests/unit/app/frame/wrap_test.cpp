#include "app/frame/wrap.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

TEST_CASE("a line that fits stays as it is, and without a terminal every line does", "[wrap]") {
  CHECK(wrapped("one two\n", 10) == "one two\n");
  CHECK(wrapped("a line of any length whatsoever\n", 0) == "a line of any length whatsoever\n");
  CHECK(wrapped("", 80).empty());
  CHECK(wrapped("\n\nx", 80) == "\n\nx");
}

TEST_CASE("a line that does not fit is broken at blanks and goes on two columns further in", "[wrap]") {
  CHECK(wrapped("one two three four five\n", 10) == "one two\n  three\n  four\n  five\n");
  CHECK(wrapped("  one two three four\n", 12) == "  one two\n    three\n    four\n");
}

TEST_CASE("what follows a label stands below its text", "[wrap]") {
  CHECK(wrapped("WARNING   one two three four five six\n", 24) ==
        "WARNING   one two three\n"
        "          four five six\n");
  CHECK(wrapped("  served    generation 3, and more\n", 27) ==
        "  served    generation 3,\n"
        "            and more\n");
}

TEST_CASE("a word that is too long is left whole", "[wrap]") {
  CHECK(wrapped("see 0123456789abcdef now\n", 10) == "see\n  0123456789abcdef\n  now\n");
}

TEST_CASE("colours take no column, and a character of several octets takes one", "[wrap]") {
  CHECK(columns_of("\x1b[1;31mred\x1b[0m") == 3);
  CHECK(columns_of("\u2713 ok") == 4);
  CHECK(wrapped("\x1b[1;31mred\x1b[0m one two\n", 11) == "\x1b[1;31mred\x1b[0m one two\n");
}

TEST_CASE("a terminal too narrow for the text behind its label is not made use of", "[wrap]") {
  CHECK(wrapped("WARNING   one two three\n", 12) == "WARNING   one two three\n");
}
