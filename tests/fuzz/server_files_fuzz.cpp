// What the tools of mail servers print about their configuration, and the policies of mail domains, of any octets.
#include "fuzz/demand.hpp"

#include "core/mail/mail_policies.hpp"
#include "core/servers/dovecot_files.hpp"
#include "core/servers/exim_files.hpp"
#include "core/servers/loaded_file.hpp"
#include "core/servers/nginx_files.hpp"
#include "core/servers/postfix_files.hpp"

#include <algorithm>
#include <cstdint>

namespace {

void check(const std::vector<danectl::ServerFile>& files) {
  for (const danectl::ServerFile& file : files) {
    demand(file.path.starts_with('/'));
    demand(!danectl::where_it_stands(file).empty());
    demand(!danectl::how_to_load(file, files, "/var/lib/danectl/live/mx").empty());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace danectl;
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  check(dovecot_files(text));
  check(exim_files(text));
  check(nginx_files(text));
  const std::size_t half = std::min(text.find('\0'), text.size());
  const PostfixFiles postfix = postfix_files(text.substr(0, half), text.substr(half));
  check(postfix.files);
  for (const auto& table : postfix.sni_tables) check(sni_files(text, table));
  if (const auto policy = StsPolicy::parse(text)) {
    static_cast<void>(policy->allows(DnsName::parse("mx.example.com").value()));
  } else {
    demand(!policy.error().what.empty());
  }
  return 0;
}
