#include "app/publisher.hpp"

namespace danectl {

std::unique_ptr<Publisher> make_publisher(const Workshop& shop) {
  switch (shop.config().publish.method) {
    case PublishMethod::nsupdate:
      return nsupdate_publisher(shop);
    case PublishMethod::include:
      return include_publisher(shop);
    case PublishMethod::hook:
      return hook_publisher(shop);
    case PublishMethod::print:
      break;
  }
  return nullptr;
}

}  // namespace danectl
