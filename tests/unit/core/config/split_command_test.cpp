#include "core/config/split_command.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

using Words = std::vector<std::string>;

Words good(const std::string& text) {
  auto words = split_command(text);
  INFO(text << ": " << (words.ok() ? "" : words.error().what));
  REQUIRE(words.ok());
  return words.value();
}

}  // namespace

TEST_CASE("a command is split on blanks") {
  CHECK(good("systemctl reload postfix") == Words{"systemctl", "reload", "postfix"});
  CHECK(good("  rndc \t reload  ") == Words{"rndc", "reload"});
}

TEST_CASE("quotes keep blanks together and join what stands beside them") {
  CHECK(good("logger 'a b'\"c d\"e") == Words{"logger", "a bc de"});
  CHECK(good("logger \"it's\" '\"x\"'") == Words{"logger", "it's", "\"x\""});
  CHECK(good("logger '' \"\"") == Words{"logger", "", ""});
}

TEST_CASE("a backslash within double quotes protects a quote or a backslash, and is itself before all else") {
  CHECK(good(R"(logger "a\"b\\c\d")") == Words{"logger", R"(a"b\c\d)"});
}

TEST_CASE("a backslash within single quotes is itself") {
  CHECK(good(R"(logger 'a\b\')") == Words{"logger", R"(a\b\)"});
}

TEST_CASE("a backslash outside quotes protects the next character") {
  CHECK(good(R"(logger a\ b\'c \* \#)") == Words{"logger", "a b'c", "*", "#"});
}

TEST_CASE("what only a shell understands is refused wherever it stands") {
  const std::string text = GENERATE(as<std::string>{}, "a | b", "a; b", "a & b", "a $HOME", "a < b", "a > b", "a `b`",
                                    "a '$x'", "a \";\"", "a \\& b");
  INFO(text);
  const auto words = split_command(text);
  REQUIRE_FALSE(words.ok());
  CHECK(words.error().kind == ErrorKind::invalid);
  CHECK(words.error().what.find("which only a shell understands") != std::string::npos);
}

TEST_CASE("patterns, home folders and comments are refused outside quotes and kept within") {
  for (const char* text : {"cat *.pem", "cat a?", "cat [ab]", "(cat)", "cat ~/x", "cat #x"}) {
    INFO(text);
    CHECK_FALSE(split_command(text).ok());
  }
  CHECK(good("cat '*.pem' \"~\" a~b c#d") == Words{"cat", "*.pem", "~", "a~b", "c#d"});
}

TEST_CASE("line breaks and other control characters are refused") {
  CHECK_FALSE(split_command("a\nb").ok());
  CHECK_FALSE(split_command("a 'b\nc'").ok());
  CHECK_FALSE(split_command(std::string("a\0b", 3)).ok());
}

TEST_CASE("a quote or backslash without its end is refused") {
  for (const char* text : {"a 'b", "a \"b", "a b\\", "a \"b\\\"", "'"}) {
    const auto words = split_command(text);
    INFO(text);
    REQUIRE_FALSE(words.ok());
    CHECK(words.error().what == "'" + std::string(text) + "': a quote or a backslash has no end");
  }
}

TEST_CASE("a command without a program is refused") {
  for (const char* text : {"", "  ", "''", "\"\" reload"}) CHECK_FALSE(split_command(text).ok());
}

TEST_CASE("a program relative to a folder is refused on the command line too") {
  CHECK_FALSE(split_command("./reload").ok());
  CHECK(good("/usr/local/bin/reload now") == Words{"/usr/local/bin/reload", "now"});
}
