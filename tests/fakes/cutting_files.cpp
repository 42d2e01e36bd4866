#include "fakes/cutting_files.hpp"

#include <filesystem>

namespace danectl {
namespace {

std::string folder_of(const std::string& path) {
  return std::filesystem::path(path).parent_path().string();
}

}  // namespace

template <class Change, class Half>
Status CuttingFiles::change(const Change& whole, const Half& half) {
  ++changes_;
  if (changes_ < cut_at_) return whole();
  // Also later changes, should anything try to go on.
  if (changes_ == cut_at_ && when_ == When::after) (void)whole();
  if (changes_ == cut_at_ && when_ == When::half_way) half();
  throw PowerCut{};
}

Status CuttingFiles::write(const std::string& path, std::string_view content, const FileAttributes& attributes) {
  return change([&] { return inner_.write(path, content, attributes); },
                [&] {
                  (void)inner_.write(folder_of(path) + "/.danectl-cutcut", content.substr(0, content.size() / 2),
                                     attributes);
                });
}

Status CuttingFiles::make_folder(const std::string& path, mode_t mode) {
  return change([&] { return inner_.make_folder(path, mode); }, [] {});
}

Status CuttingFiles::switch_link(const std::string& path, const std::string& target,
                                 const std::string& staging_folder) {
  const auto folder = staging_folder.empty() ? folder_of(path) : staging_folder;
  return change([&] { return inner_.switch_link(path, target, staging_folder); },
                [&] { (void)inner_.switch_link(folder + "/.danectl-cutcut", target, {}); });
}

Status CuttingFiles::rename(const std::string& from, const std::string& to) {
  return change([&] { return inner_.rename(from, to); }, [] {});
}

Status CuttingFiles::remove(const std::string& path) {
  return change([&] { return inner_.remove(path); }, [] {});
}

// Cut half-way a tree has lost some of its files.
Status CuttingFiles::remove_tree(const std::string& path) {
  return change([&] { return inner_.remove_tree(path); },
                [&] {
                  const auto names = inner_.list(path);
                  if (names && !names.value().empty()) (void)inner_.remove_tree(path + "/" + names.value().front());
                });
}

}  // namespace danectl
