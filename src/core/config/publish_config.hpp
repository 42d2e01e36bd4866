// How the records of a name come into DNS: [publish], or the [[publish.zone]] section that the name falls under.
#pragma once

#include "core/config/config.hpp"

namespace danectl {

class TomlReader;

// [publish] and every [[publish.zone]], into `config.publish` and `config.publish_zones`.
void read_publish(TomlReader& reader, Config& config);

// Of the section with the longest name that `canonical` equals or is below; else [publish]. A reference into `config`.
const PublishConfig& publish_for(const Config& config, const DnsName& canonical);

// The TTL that records get where the RRset has none yet: one for all, or as configured for the canonical name.
class DefaultTtl {
 public:
  // Implicit, both: whoever asks what is wanted has either of them at hand.
  DefaultTtl(Seconds ttl) : ttl_(ttl) {}                  // NOLINT(google-explicit-constructor)
  DefaultTtl(const Config& config) : config_(&config) {}  // NOLINT(google-explicit-constructor)
  DefaultTtl(const Config&&) = delete;
  [[nodiscard]] Seconds of(const DnsName& canonical) const {
    return config_ == nullptr ? ttl_ : publish_for(*config_, canonical).ttl;
  }

 private:
  Seconds ttl_{};
  const Config* config_ = nullptr;
};

}  // namespace danectl
