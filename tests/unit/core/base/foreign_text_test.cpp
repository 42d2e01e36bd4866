#include "core/base/foreign_text.hpp"

#include "core/base/result.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

TEST_CASE("Foreign text can neither move a cursor nor turn a line") {
  CHECK(printable("\x1b[2Jgone\x07") == "?[2Jgone?");
  CHECK(printable("one\n\ttwo\r\n") == "one\n two?\n");
  CHECK(printable("\xe2\x80\xae"
                  "evil") == "?evil");
  CHECK(printable("caf\xc3\xa9, caf\xe9") == "caf\xc3\xa9, caf?");
  CHECK(one_line("one\n\ttwo\r\n") == "one two");
}

TEST_CASE("What nobody sees is seen: a name that was copied with it looks like another one") {
  CHECK(printable("mx.example.com\u200b") == "mx.example.com?");
  CHECK(one_line("\ufeffmx\u00ad.\u2060com\u200f\U000e0041") == "?mx?.?com??");
}

TEST_CASE("An error that quotes somebody is printable") {
  CHECK(failed("the CA says: \x1b[31mno").what == "the CA says: ?[31mno");
  CHECK(not_yet("x",
                "try \x9b"
                "1m")
            .hint == "try ?1m");
}
