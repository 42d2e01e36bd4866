// One libunbound context: a cache that starts empty, a thread and seven descriptors. It validates from the root trust
// anchor by itself and never trusts another's AD bit.
#pragma once

#include "core/base/result.hpp"
#include "core/config/config.hpp"
#include "core/dns/dns_name.hpp"

#include <memory>
#include <string>
#include <vector>

#include <unbound.h>

namespace danectl {

// `zone` is asked for at this address and nowhere else.
struct ZoneAt {
  DnsName zone;
  std::string address;
};

class UnboundContext {
 public:
  // With `stubs` the context speaks for one server; what lies above or beside its zones comes by [dns] resolver.
  // Errors: usage for what the configuration names and is not there, not_yet when the host has not the means now.
  static Result<UnboundContext> open(const DnsConfig& config, const std::vector<ZoneAt>& stubs);

  // The callback comes from within process(), in the caller's thread. Returns libunbound's error code.
  int ask(const DnsName& name, int type, void* argument, ub_callback_type callback, int* id);
  void cancel(int id);  // its callback will not come
  int process();
  [[nodiscard]] int descriptor() const;  // readable: process() has something to do

 private:
  struct Delete {
    void operator()(ub_ctx* context) const { ub_ctx_delete(context); }
  };
  explicit UnboundContext(ub_ctx* context) : context_(context) {}
  Status configure(const DnsConfig& config);
  Status use_resolver(const DnsConfig& config);
  Status use_trust_anchor(const DnsConfig& config);
  Status use_stub(const ZoneAt& stub);
  [[nodiscard]] bool has_trust_anchor() const;

  std::unique_ptr<ub_ctx, Delete> context_;
};

// What the configuration names as its trust anchor, or would find: a file, for messages.
std::string trust_anchor_name(const DnsConfig& config);

}  // namespace danectl
