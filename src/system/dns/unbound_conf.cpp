#include "system/dns/unbound_conf.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string_view>

#include <glob.h>

namespace danectl {
namespace {

// Words of the file: a keyword keeps its colon, a value loses its quotes.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::size_t at = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '#') {
      at = std::min(text.find('\n', at), text.size());
    } else if (c == '"' || c == '\'') {
      const std::size_t end = std::min(text.find_first_of(std::string{c, '\n'}, at + 1), text.size());
      words.emplace_back(text.substr(at + 1, end - at - 1));
      at = end + 1;
    } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      ++at;
    } else {
      std::size_t end = std::min(text.find_first_of(" \t\r\n\"'#:", at), text.size());
      if (end < text.size() && text[end] == ':') ++end;  // "name:x" is two words, too
      words.emplace_back(text.substr(at, end - at));
      at = end;
    }
  }
  return words;
}

bool opens_zone(const std::string& word) {
  return word == "forward-zone:" || word == "stub-zone:" || word == "auth-zone:";
}

bool opens_other(const std::string& word) {
  return word == "server:" || word == "view:" || word == "rpz:" || word == "remote-control:" || word == "python:" ||
         word == "dynlib:" || word == "dnstap:" || word == "dnscrypt:" || word == "cachedb:" || word == "ipset:";
}

std::vector<std::string> files_of(const std::string& pattern) {
  std::vector<std::string> files;
  glob_t found{};
  if (::glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found) == 0) {
    files.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  }
  ::globfree(&found);
  return files;
}

class Reader {
 public:
  void read(const std::string& path) {
    if (std::find(open_.begin(), open_.end(), path) != open_.end()) return;
    open_.push_back(path);
    std::ifstream file(path);
    const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    const auto words = words_of(text);
    for (std::size_t i = 0; i < words.size(); ++i) {
      const std::string value = i + 1 < words.size() ? words[i + 1] : "";
      if (opens_zone(words[i])) {
        in_zone_ = true;
      } else if (opens_other(words[i])) {
        in_zone_ = false;
      } else if (words[i] == "name:" && in_zone_) {
        const auto name = DnsName::parse(value);
        if (name && !name->is_root()) names.push_back(*name);
      } else if (words[i] == "include:" || words[i] == "include-toplevel:") {
        for (const std::string& included : files_of(value)) read(included);
      }
    }
    open_.pop_back();
  }

  std::vector<DnsName> names;

 private:
  // An included file goes on in the clause that includes it.
  bool in_zone_ = false;
  std::vector<std::string> open_;  // files being read, each included by the one before it
};

}  // namespace

std::vector<DnsName> zones_from_elsewhere(const std::string& path) {
  Reader reader;
  if (!path.empty()) reader.read(path);
  return reader.names;
}

}  // namespace danectl
