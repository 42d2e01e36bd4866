#pragma once

#include "ports/files.hpp"

#include <limits>

namespace danectl {

// Thrown in place of the power: nothing after it is done.
struct PowerCut {};

// Files whose power fails at a chosen change. Only what changes something is counted, from 1. A change may be cut
// before it, after it, or half-way: then its temporary file or link is left behind, as a real one would be.
class CuttingFiles : public Files {
 public:
  enum class When { before, half_way, after };

  explicit CuttingFiles(Files& inner) : inner_(inner) {}

  void cut_at(int change, When when) {
    cut_at_ = change;
    when_ = when;
  }
  [[nodiscard]] int changes() const { return changes_; }

  Result<std::optional<FileInfo>> info(const std::string& path) override { return inner_.info(path); }
  Result<std::optional<FileInfo>> info_followed(const std::string& path) override { return inner_.info_followed(path); }
  Result<std::string> read(const std::string& path) override { return inner_.read(path); }
  Result<std::string> read_stream(const std::string& path) override { return inner_.read_stream(path); }
  Result<std::string> read_link(const std::string& path) override { return inner_.read_link(path); }
  Result<std::string> real_path(const std::string& path) override { return inner_.real_path(path); }
  Result<std::vector<std::string>> list(const std::string& folder) override { return inner_.list(folder); }
  Result<gid_t> group_id(const std::string& group) override { return inner_.group_id(group); }

  Status write(const std::string& path, std::string_view content, const FileAttributes& attributes) override;
  Status make_folder(const std::string& path, mode_t mode) override;
  Status switch_link(const std::string& path, const std::string& target, const std::string& staging_folder) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status remove(const std::string& path) override;
  Status remove_tree(const std::string& path) override;
  Status remove_temporaries(const std::string& folder) override { return inner_.remove_temporaries(folder); }

  Result<std::unique_ptr<FileLock>> lock(const std::string& path, std::chrono::milliseconds wait) override {
    return inner_.lock(path, wait);
  }
  Result<std::unique_ptr<FileLock>> lock_as_certbot(const std::string& folder,
                                                    std::chrono::milliseconds wait) override {
    return inner_.lock_as_certbot(folder, wait);
  }

 private:
  template <class Change, class Half>
  Status change(const Change& whole, const Half& half);

  Files& inner_;
  int changes_ = 0;
  int cut_at_ = std::numeric_limits<int>::max();
  When when_ = When::before;
};

}  // namespace danectl
