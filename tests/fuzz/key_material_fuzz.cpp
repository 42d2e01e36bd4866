// Keys, requests, certificates and chains from bytes of any kind.
#include "core/keys/certificate.hpp"
#include "core/keys/key_material.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace danectl;
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const auto material = read_key_material(text);
  if (material && (material->id.sha256.size() != 64 || material->type_text.empty())) std::abort();
  if (!material && material.error().what.empty()) std::abort();
  static_cast<void>(read_private_key(text));
  if (const auto chain = parse_chain(text)) {
    static_cast<void>(check_complete(*chain));
    const auto again = parse_chain(chain->pem());
    if (!again || again->pem() != chain->pem()) std::abort();
  }
  return 0;
}
