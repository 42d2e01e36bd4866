#include "core/servers/nginx_files.hpp"

#include "core/base/lines.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

namespace danectl {
namespace {

// The words of nginx' configuration; ';', '{' and '}' are words, too.
class Words {
 public:
  explicit Words(std::string_view text) : text_(text) {}

  std::optional<std::string> next() {
    skip_blanks_and_comments();
    if (text_.empty()) return std::nullopt;
    const char first = text_.front();
    if (first == ';' || first == '{' || first == '}') return take(1);
    if (first == '"' || first == '\'') return quoted(first);
    return take(std::min(text_.find_first_of(" \t\r\n;{"), text_.size()));
  }

 private:
  void skip_blanks_and_comments() {
    while (!text_.empty()) {
      if (text_.front() == '#') {
        text_.remove_prefix(std::min(text_.find('\n'), text_.size()));
      } else if (const std::size_t begin = std::min(text_.find_first_not_of(" \t\r\n"), text_.size()); begin != 0) {
        text_.remove_prefix(begin);
      } else {
        return;
      }
    }
  }

  std::string take(std::size_t length) {
    std::string word(text_.substr(0, length));
    text_.remove_prefix(length);
    return word;
  }

  std::string quoted(char quote) {
    text_.remove_prefix(1);
    std::string word = take(std::min(text_.find(quote), text_.size()));
    text_.remove_prefix(std::min<std::size_t>(1, text_.size()));
    return word;
  }

  std::string_view text_;
};

// Of "993", "127.0.0.1:993", "[::]:993"; an address alone is port 80, which has no TLS.
std::optional<std::uint16_t> port_of(std::string_view listen) {
  if (const std::size_t colon = listen.rfind(':'); colon != listen.npos) listen.remove_prefix(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(listen.data(), listen.data() + listen.size(), port);
  if (error == std::errc{} && end == listen.data() + listen.size()) return port;
  return std::nullopt;
}

struct Block {
  std::string name;
  std::vector<std::uint16_t> ports{};
  struct Certificate {
    std::string path;
    std::string file;  // where it stands
  };
  std::vector<Certificate> certificates{};
};

class Configuration {
 public:
  // REQUIRES: `file` is the one that `text` stands in. A block may go on in the next one.
  void read(std::string_view text, const std::string& file) {
    file_ = file;
    Words words(text);
    while (auto word = words.next()) {
      if (*word == "{") {
        blocks_.push_back({statement_.empty() ? "" : statement_.front()});
        statement_.clear();
      } else if (*word == "}") {
        end_block();
        statement_.clear();
      } else if (*word == ";") {
        take_statement();
        statement_.clear();
      } else {
        statement_.push_back(*std::move(word));
      }
    }
  }

  std::vector<ServerFile> files() { return std::move(files_); }

 private:
  void take_statement() {
    if (statement_.size() < 2 || blocks_.empty()) return;
    Block& block = blocks_.back();
    if (statement_[0] == "ssl_certificate") block.certificates.push_back({statement_[1], file_});
    if (statement_[0] != "listen") return;
    if (const auto port = port_of(statement_[1])) block.ports.push_back(*port);
  }

  void end_block() {
    if (blocks_.empty()) return;
    const Block block = std::move(blocks_.back());
    blocks_.pop_back();
    for (const auto& [path, file] : block.certificates) {
      const bool absolute = path.starts_with('/') && path.find('$') == std::string::npos;
      if (absolute)
        files_.push_back({MailProgram::nginx, file, block.name, "ssl_certificate", path, path, block.ports});
    }
  }

  std::string file_;
  std::vector<std::string> statement_;
  std::vector<Block> blocks_;
  std::vector<ServerFile> files_;
};

// Files stand one after another, those that are included as well, each below "# configuration file PATH:". A comment
// may begin like that.
std::optional<std::string_view> path_of_heading(std::string_view line) {
  constexpr std::string_view before = "# configuration file ";
  if (!line.starts_with(before) || !line.ends_with(':')) return std::nullopt;
  const std::string_view path = line.substr(before.size(), line.size() - before.size() - 1);
  return path.starts_with('/') ? std::optional(path) : std::nullopt;
}

}  // namespace

std::vector<ServerFile> nginx_files(std::string_view configuration) {
  Configuration all;
  std::string file;
  std::string text;  // of the file, until the next heading
  while (!configuration.empty()) {
    const std::string_view line = take_line(configuration);
    if (const auto path = path_of_heading(line)) {
      all.read(std::exchange(text, {}), file);
      file = *path;
    } else {
      text.append(line).push_back('\n');
    }
  }
  all.read(text, file);
  return all.files();
}

}  // namespace danectl
