#pragma once

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/keys/certificate.hpp"
#include "core/keys/key_id.hpp"

#include <functional>
#include <optional>
#include <string>

namespace danectl {

struct IssueRequest {
  std::string lineage;      // certbot's name of it
  std::string private_key;  // PEM, the key the certificate must be for
};

// Gets a certificate for a chosen key, with the names and the authenticator of a lineage, and leaves the lineage as it
// was (danectl(1), PROMOTION).
class CertificateAuthority {
 public:
  virtual ~CertificateAuthority() = default;
  // What is to be done before the CA is asked; an error: it is not asked.
  using BeforeOrder = std::function<Status()>;
  // The chain, end entity first, for exactly that key. ErrorKind::not_yet for what time may mend (CA unreachable, rate
  // limited, another certbot running), failed for the rest, with certbot's own sentence; and the errors of
  // `before_order`.
  virtual Result<Chain> issue(const IssueRequest& request, const BeforeOrder& before_order) = 0;
  // What a certbot of a danectl that was ended made for that key; nothing: it made none. `begun_ago`: since that
  // danectl noted the order. Waits for a certbot that is still at work, or may have to begin yet. Places no order.
  // Errors as of issue().
  virtual Result<std::optional<Chain>> left_behind(const IssueRequest& /*request*/, Milliseconds /*begun_ago*/) {
    return std::optional<Chain>();
  }
  // Whether the last issue() may have placed an order, which CAs count: what a back-off is for. Not where it surely
  // failed before: by a lock, a port in use, a connection that failed or broke off, options that certbot does not take.
  [[nodiscard]] virtual bool ordered() const { return false; }
};

}  // namespace danectl
