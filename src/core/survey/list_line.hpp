// A line of the list of mail domains that `survey` reads.
#pragma once

#include "core/dns/dns_name.hpp"

#include <string>
#include <string_view>

namespace danectl {

struct ListLine {
  enum class Kind {
    nothing,  // blank, or a comment
    domain,
    fault,  // `why`: a phrase that quotes the line
  } kind = Kind::nothing;
  DnsName domain;
  std::string why;
};

// One domain, with blanks around it and a comment behind `#`. A name with letters beyond ASCII is taken as DNS has it
// (RFC 5890). `line` has no line end; a carriage return before it is a blank.
ListLine read_list_line(std::string_view line);

}  // namespace danectl
