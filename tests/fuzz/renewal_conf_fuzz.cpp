// Any text: reading and editing must not crash, an edit must do what it says, and a second one must change nothing.
#include "fuzz/demand.hpp"

#include "core/certbot/cli_ini.hpp"
#include "core/certbot/renewal_conf.hpp"

#include <cstdint>
#include <string>
#include <string_view>

using namespace danectl;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string path = "fuzz.conf";
  const auto before = read_renewal_conf(text, path);

  const auto reused = with_reuse_key(text, path);
  if (reused) demand(with_reuse_key(*reused, path).value() == *reused);
  if (before) {
    demand(reused.ok());
    const auto after = read_renewal_conf(*reused, path);
    demand(after.ok() && after->reuse_key == true);
    demand(after->cert == before->cert && after->archive_dir == before->archive_dir);
    demand(after->renew_hook == before->renew_hook);
  }

  for (const CliSetting& setting : read_cli_ini(text, "cli.ini")) demand(setting.line > 0 && !setting.key.empty());

  for (const auto type : {KeyType::rsa_2048, KeyType::rsa_4096, KeyType::ecdsa_p256, KeyType::ecdsa_p384}) {
    const auto typed = with_key_type(text, type, path);
    if (typed) demand(with_key_type(*typed, type, path).value() == *typed);
    if (before) demand(typed.ok() && read_renewal_conf(*typed, path).value().key_type == type);
  }

  if (before) {
    const RenewalConf paths{"/a", "/b c", "/d,e", "/f'g", "/h\"i'j", {}, {}};
    const auto moved = with_paths(text, paths, path);
    demand(moved.ok());
    const auto after = read_renewal_conf(*moved, path);
    demand(after.ok() && after->archive_dir == paths.archive_dir && after->cert == paths.cert);
    demand(after->privkey == paths.privkey && after->chain == paths.chain && after->fullchain == paths.fullchain);
    demand(after->reuse_key == before->reuse_key && after->renew_hook == before->renew_hook);
  }
  return 0;
}
