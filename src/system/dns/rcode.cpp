#include "system/dns/rcode.hpp"

#include <fmt/format.h>

#include <arpa/nameser.h>

namespace danectl {

std::string rcode_text(int rcode) {
  switch (rcode) {
    case ns_r_formerr:
      return "FORMERR";
    case ns_r_servfail:
      return "SERVFAIL";
    case ns_r_nxdomain:
      return "NXDOMAIN";
    case ns_r_notimpl:
      return "NOTIMP";
    case ns_r_refused:
      return "REFUSED";
    case ns_r_notauth:
      return "NOTAUTH";
    default:
      return fmt::format("rcode {}", rcode);
  }
}

}  // namespace danectl
