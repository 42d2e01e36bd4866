#include "app/frame/named_file.hpp"

#include "core/keys/pem_blocks.hpp"

#include <fmt/format.h>

namespace danectl {

namespace {

constexpr std::string_view standard_input_name = "-";

std::string read_up_to(std::istream& in, std::size_t limit) {
  std::string bytes(limit, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(limit));
  bytes.resize(static_cast<std::size_t>(in.gcount()));
  return bytes;
}

}  // namespace

Result<std::string> read_named(const std::string& file, Files& files) {
  const auto info = files.info_followed(file);
  if (!info) return info.error();
  if (!info->has_value()) return failed(file + ": there is no such file");
  if ((*info)->kind == FileInfo::Kind::directory) return failed(file + ": it is a directory", "name the files in it");
  return files.read_stream(file);
}

Result<std::string> read_named(const std::string& file, Files& files, std::istream& standard_input) {
  // One octet over the limit, so that the reader sees that it is too long.
  if (file == standard_input_name) return read_up_to(standard_input, longest_key_file + 1);
  return read_named(file, files);
}

Status write_named_file(Files& files, const std::string& option, const std::string& path, const std::string& text) {
  const auto there = files.info_followed(path);
  if (!there) return there.error();
  if (*there && (*there)->kind != FileInfo::Kind::regular) {
    return failed(fmt::format("{}: {} is not a regular file", option, path), "name a file that is there, or a new one");
  }
  if (!*there) return files.write(path, text, {.mode = 0644});
  const auto real = files.real_path(path);
  return real ? files.write(*real, text, {.mode = 0644}) : Status(real.error());
}

}  // namespace danectl
