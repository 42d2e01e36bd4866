#include "system/host/library_versions.hpp"

#include <boost/version.hpp>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <unbound.h>

namespace danectl {

std::string version_text() {
  return fmt::format("danectl {}\n{}\nlibunbound {}\nBoost {}.{}.{}", DANECTL_VERSION, OpenSSL_version(OPENSSL_VERSION),
                     ub_version(), BOOST_VERSION / 100000, BOOST_VERSION / 100 % 1000, BOOST_VERSION % 100);
}

}  // namespace danectl
