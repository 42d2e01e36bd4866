// What a power cut takes: what was changed and not synced since.
//
// The model, harsher than ext4: a name that was made, moved or removed is on the disk only after an fsync of its
// folder, and what was written into a file only after an fsync of that file. A rename is one transaction, as in a
// journal: an fsync of either folder keeps it. With a folder that is gone for good all is gone that was in it. A file
// of which anything is not synced comes back empty. Modes and owners stay; a removed folder comes back for its owner
// alone.
//
// Only changes of this process are followed, not those of its children.
#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

namespace danectl_faults {

class Unsynced {
 public:
  enum class Lost { names_and_contents, contents };
  struct Inode {
    dev_t device;
    ino_t number;
    bool operator==(const Inode&) const = default;
  };

  // `keep`: a folder on the same file system, for what a cut has to bring back; empty: the changes are only counted.
  explicit Unsynced(std::string keep) : keep_(std::move(keep)) {}

  [[nodiscard]] std::size_t names() const { return names_.size(); }
  [[nodiscard]] std::size_t contents() const { return contents_.size(); }

  // Each is called after the change has succeeded; what they want from before it, keep_copy() and inode_of() give.
  void made(const std::string& path);
  std::string keep_copy(const std::string& path);
  void renamed(const std::string& from, const std::string& to, const std::string& copy_of_to);
  void removed(const std::string& path, const std::string& copy);
  static Inode inode_of(const std::string& path);
  void removed_folder(const std::string& path, const Inode& folder);
  void written(int descriptor);
  // A file or a folder.
  void synced(int descriptor);

  void lose(Lost lost);

 private:
  struct Name {
    enum class Change { made, renamed, removed, removed_folder } change;
    std::string path;
    std::string to;              // of a rename
    std::string copy;            // of what was removed or replaced
    std::vector<Inode> folders;  // a sync of one keeps the change
    Inode gone;                  // the removed folder
  };
  struct Content {
    Inode file;
    int descriptor;
  };

  static Inode folder_of(const std::string& path);
  std::string next_kept();
  void take_back(const Name& name);

  std::string keep_;
  int kept_ = 0;
  std::vector<Name> names_;
  std::vector<Content> contents_;
};

}  // namespace danectl_faults
