#include "system/dns/unbound_context.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

namespace danectl {
namespace {

constexpr std::array usual_anchors{"/usr/share/dns/root.key", "/var/lib/unbound/root.key", "/etc/unbound/root.key"};

constexpr const char* no_usable_anchor_hint =
    "install the package dns-root-data, or name a file with the root's keys as [dns] trust_anchor";

struct Option {
  const char* name;
  const char* value;
};

// What a look relies on, whatever the configuration file says.
constexpr std::array options{
    // No module that answers from elsewhere (cachedb), or that does not validate.
    Option{"module-config:", "validator iterator"},
    // Every name is truly asked for: no answer is derived from that to another name. A broken server's NXDOMAIN for
    // `_tcp` would otherwise hide the owner below it.
    Option{"qname-minimisation:", "no"},
    Option{"aggressive-nsec:", "no"},
    Option{"harden-below-nxdomain:", "no"},
    Option{"serve-expired:", "no"},
    Option{"prefetch:", "no"},
    Option{"prefetch-key:", "no"},
    // The SOA of a negative answer is read.
    Option{"minimal-responses:", "no"},
    // why_bogus is empty below this.
    Option{"val-log-level:", "2"},
    // One more question to the root for each context (RFC 8145), of no use from here.
    Option{"trust-anchor-signaling:", "no"},
};

// libunbound's thread inherits the mask: a signal meant for danectl must not be handled on it, nor a connection reset
// by a server end the process with SIGPIPE.
class AllSignalsBlocked {
 public:
  AllSignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~AllSignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  AllSignalsBlocked(const AllSignalsBlocked&) = delete;
  AllSignalsBlocked& operator=(const AllSignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

bool readable(const std::string& path) {
  return ::access(path.c_str(), R_OK) == 0;
}

std::string errno_text() {
  return std::generic_category().message(errno);
}

std::string first_usual_anchor() {
  for (const char* path : usual_anchors) {
    if (readable(path)) return path;
  }
  return {};
}

}  // namespace

std::string trust_anchor_name(const DnsConfig& config) {
  if (!config.trust_anchor.empty()) return config.trust_anchor;
  if (std::string usual = first_usual_anchor(); !usual.empty()) return usual;
  return config.unbound_conf;
}

Result<UnboundContext> UnboundContext::open(const DnsConfig& config, const std::vector<ZoneAt>& stubs) {
  UnboundContext context(ub_ctx_create());
  if (context.context_ == nullptr) return not_yet("cannot start libunbound: " + errno_text());
  if (auto done = context.configure(config); !done) return done.error();
  for (const ZoneAt& stub : stubs) {
    if (auto done = context.use_stub(stub); !done) return done.error();
  }
  return context;
}

Status UnboundContext::configure(const DnsConfig& config) {
  ub_ctx* context = context_.get();
  ub_ctx_debugout(context, nullptr);  // else it writes to stderr
  ub_ctx_async(context, 1);           // a thread, not a process
  if (!config.unbound_conf.empty()) {
    if (!readable(config.unbound_conf)) {
      return invalid(fmt::format("cannot read {}: {}", config.unbound_conf, errno_text()),
                     "[dns] unbound_conf names it");
    }
    if (ub_ctx_config(context, config.unbound_conf.c_str()) != 0) {
      return invalid(fmt::format("{} is no configuration that libunbound takes", config.unbound_conf),
                     fmt::format("unbound-checkconf {}", config.unbound_conf));
    }
  }
  for (const Option& option : options) {
    if (const int error = ub_ctx_set_option(context, option.name, option.value); error != 0) {
      return failed(fmt::format("libunbound does not take {} {}: {}", option.name, option.value, ub_strerror(error)));
    }
  }
  if (auto done = use_resolver(config); !done) return done;
  return use_trust_anchor(config);
}

Status UnboundContext::use_resolver(const DnsConfig& config) {
  ub_ctx* context = context_.get();
  if (config.resolver == DnsConfig::Mode::system && ub_ctx_resolvconf(context, nullptr) != 0) {
    return invalid("/etc/resolv.conf names no resolver that libunbound can use",
                   "set [dns] resolver to \"recursive\" or to the resolver's address");
  }
  if (config.resolver != DnsConfig::Mode::servers) return {};
  for (const std::string& server : config.servers) {
    if (ub_ctx_set_fwd(context, server.c_str()) != 0) {
      return invalid(fmt::format("[dns] resolver: libunbound does not take the address '{}'", server));
    }
  }
  return {};
}

Status UnboundContext::use_trust_anchor(const DnsConfig& config) {
  std::string file = config.trust_anchor;
  if (file.empty()) {
    // One that the configuration file brings is meant to be the only one.
    if (has_trust_anchor()) return {};
    file = first_usual_anchor();
    if (file.empty()) return invalid("no DNSSEC trust anchor for the root was found", no_usable_anchor_hint);
  }
  // libunbound reads it at the first question, and would say no more than "initialization failure".
  if (!readable(file)) {
    return invalid(fmt::format("cannot read the trust anchor {}: {}", file, errno_text()), no_usable_anchor_hint);
  }
  if (const int error = ub_ctx_add_ta_file(context_.get(), file.c_str()); error != 0) {
    return invalid(fmt::format("libunbound does not take the trust anchor {}: {}", file, ub_strerror(error)),
                   no_usable_anchor_hint);
  }
  return {};
}

bool UnboundContext::has_trust_anchor() const {
  for (const char* option : {"trust-anchor-file", "trust-anchor", "auto-trust-anchor-file", "trusted-keys-file"}) {
    char* value = nullptr;
    const bool there = ub_ctx_get_option(context_.get(), option, &value) == 0 && value != nullptr && *value != '\0';
    std::free(value);  // NOLINT: libunbound's malloc
    if (there) return true;
  }
  return false;
}

Status UnboundContext::use_stub(const ZoneAt& stub) {
  const std::string zone = stub.zone.with_dot();
  // An address which the configuration file has for the zone would be a second server to answer in this one's name.
  ub_ctx_set_stub(context_.get(), zone.c_str(), nullptr, 0);
  if (const int error = ub_ctx_set_stub(context_.get(), zone.c_str(), stub.address.c_str(), 0); error != 0) {
    return failed(fmt::format("libunbound does not take {} as a server: {}", stub.address, ub_strerror(error)));
  }
  return {};
}

int UnboundContext::ask(const DnsName& name, int type, void* argument, ub_callback_type callback, int* id) {
  const AllSignalsBlocked blocked;
  constexpr int internet = 1;
  return ub_resolve_async(context_.get(), name.with_dot().c_str(), type, internet, argument, callback, id);
}

void UnboundContext::cancel(int id) {
  ub_cancel(context_.get(), id);
}

int UnboundContext::process() {
  return ub_process(context_.get());
}

int UnboundContext::descriptor() const {
  return ub_fd(context_.get());
}

}  // namespace danectl
