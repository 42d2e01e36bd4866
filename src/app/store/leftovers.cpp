#include "app/store/leftovers.hpp"

#include "app/store/generations.hpp"
#include "app/store/store.hpp"

#include <vector>

namespace danectl {
namespace {

void warn_of_failed(const Workshop& shop, const Status& done) {
  if (!done) shop.output.warn(done.error().what, done.error().hint);
}

void clear_folders(const Workshop& shop, const std::vector<std::string>& folders) {
  for (const std::string& folder : folders) warn_of_failed(shop, shop.files().remove_temporaries(folder));
}

}  // namespace

Result<std::unique_ptr<FileLock>> open_cleared_store(const Workshop& shop, Milliseconds wait) {
  const Paths paths = shop.paths();
  auto lock = open_store(shop.files(), paths, wait);
  if (!lock) return lock;
  clear_folders(shop,
                {paths.state_dir(), paths.states(), paths.ledgers(), paths.live_root(), shop.settings.lineage_folder});
  return lock;
}

void clear_leftovers(const Workshop& shop, const std::string& name) {
  warn_of_failed(shop, remove_unfinished(shop.files(), shop.paths(), name));
  clear_folders(shop, {shop.paths().next(name)});
}

}  // namespace danectl
