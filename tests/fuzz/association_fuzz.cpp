// Associations, domain names and TLSA owners from text of any kind: what is read is written back the same.
#include "fuzz/demand.hpp"

#include "core/dns/association.hpp"
#include "core/dns/dns_name.hpp"

#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace danectl;
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  if (const auto association = Association::parse(text)) {
    demand(Association::parse(association->text()).value() == *association);
    demand(!association->rfc3597().empty());
  }
  if (const auto association = Association::from_rdata({bytes, size})) {
    demand(from_hex(association->hex)->size() == size - 3);
  }
  if (const auto group = Group::parse(text)) demand(Group::parse(group->text()).value() == *group);
  if (const auto name = DnsName::parse(text)) {
    demand(DnsName::parse(name->with_dot()).value() == *name);
    demand(name->is_below_or_equal(name->parent()));
    static_cast<void>(parse_owner(*name));
  }
  return 0;
}
