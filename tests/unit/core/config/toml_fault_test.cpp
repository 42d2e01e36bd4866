#include "core/config/toml_fault.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

// Its line; 0: none.
std::size_t fault_line(std::string_view toml) {
  const auto fault = find_toml_fault(toml);
  return fault ? fault->line : 0;
}

}  // namespace

TEST_CASE("characters beyond ASCII may stand in strings of all four kinds and in comments") {
  CHECK_FALSE(fault_line("# ü\na = \"ü\" # ü\nb = 'ü'\nc = \"\"\"\nü \" ü \"\" ü\"\"\"\"\"\nd = '''\nü'''"));
}

TEST_CASE("a byte order mark may stand at the beginning alone") {
  CHECK_FALSE(
      fault_line("\xef\xbb\xbf"
                 "a = 1"));
  CHECK(fault_line("a = 1\n\xef\xbb\xbf") == 2);
}

TEST_CASE("a character beyond ASCII outside them is found with its line") {
  CHECK(fault_line("a = 1\nü = 1") == 2);
  CHECK(fault_line("a = \"\"\"\n\n\"\"\" ü") == 3);
  CHECK(fault_line("a = \"\"\"x\"\"\"\" ü") == 1);
  CHECK(fault_line("a = '\\' ü") == 1);
}

TEST_CASE("a quote that a backslash protects does not end a string, but in a literal one") {
  CHECK_FALSE(find_toml_fault(R"(a = "\"ü")"));
  CHECK_FALSE(find_toml_fault(R"(a = "\\" # ü)"));
  CHECK(fault_line(R"(a = "\\" ü)") == 1);
}

TEST_CASE("a string without its end reaches to the end of its line, a long one to the end of the text") {
  CHECK(fault_line("a = \"ü\nü") == 2);
  CHECK_FALSE(find_toml_fault("a = '''ü\nü"));
  CHECK_FALSE(find_toml_fault("a = \"\\"));
  CHECK_FALSE(find_toml_fault(""));
}

TEST_CASE("a line of very many dots outside strings and comments is found") {
  std::string many(33, '.');
  CHECK(fault_line("a = 1\n" + many) == 2);
  CHECK_FALSE(find_toml_fault("a = '" + many + "' # " + many));
  CHECK_FALSE(find_toml_fault(many.substr(1) + "\n" + many.substr(1)));
}

TEST_CASE("a quote within a bare value or behind its dot protects nothing") {
  CHECK(fault_line("a = 2\"[ü") == 1);
  CHECK(fault_line("a = 2.\"ü\"") == 1);
  CHECK_FALSE(find_toml_fault("a.\"b c\" = \"ü\""));
}
