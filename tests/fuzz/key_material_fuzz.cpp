// Keys, requests, certificates and chains from bytes of any kind.
#include "fuzz/demand.hpp"

#include "core/keys/certificate.hpp"
#include "core/keys/key_material.hpp"

#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace danectl;
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const auto material = read_key_material(text);
  demand(!material || (material->id.sha256.size() == 64 && !material->type_text.empty()));
  demand(material || !material.error().what.empty());
  static_cast<void>(read_private_key(text));
  if (const auto chain = parse_chain(text)) {
    static_cast<void>(check_complete(*chain));
    const auto again = parse_chain(chain->pem());
    demand(again && again->pem() == chain->pem());
  }
  return 0;
}
