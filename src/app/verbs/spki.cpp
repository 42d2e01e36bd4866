#include "app/verbs/spki.hpp"

#include "app/frame/named_file.hpp"
#include "core/keys/key_material.hpp"

#include <nlohmann/json.hpp>

namespace danectl {

namespace {

using Json = nlohmann::ordered_json;

Result<KeyMaterial> material_of(const std::string& file, Files& files, std::istream& standard_input) {
  auto bytes = read_named(file, files, standard_input);
  if (!bytes) return bytes.error();
  auto material = read_key_material(*bytes);
  if (!material) return Error{material.error().kind, file + ": " + material.error().what, material.error().hint};
  return material;
}

Json to_json(const std::string& file, const KeyMaterial& material) {
  return {{"file", file},
          {"kind", to_text(material.kind)},
          {"type", material.type_text},
          {"sha256", material.id.sha256},
          {"sha512", material.id.sha512}};
}

}  // namespace

int spki(const SpkiOptions& options, Files& files, std::istream& standard_input, const Output& output) {
  int code = exit_done;
  Json list = Json::array();
  for (const std::string& file : options.files) {
    const auto material = material_of(file, files, standard_input);
    if (!material) {
      code = worse(code, exit_with(material.error(), output));
    } else if (options.json) {
      list.push_back(to_json(file, *material));
    } else {
      output.out << (options.sha512 ? material->id.sha512 : material->id.sha256) << "  " << file << '\n';
    }
  }
  if (options.json) {
    // A file name need not be UTF-8.
    const Json document{{"version", 1}, {"files", std::move(list)}};
    output.out << document.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
  }
  return code;
}

namespace {

class SpkiVerb : public Verb {
 public:
  SpkiVerb() : Verb("spki", "the SPKI digests of private keys, public keys, CSRs or certificates", Purpose::show) {}

  std::string example() const override { return "danectl spki /var/lib/danectl/live/mx.example.com/cert.pem"; }

  void declare(OptionList& options) override {
    options.words("FILE", options_.files, "PEM or DER; of a chain the first certificate; - is standard input");
    options.flag("--sha512", options_.sha512, "print SHA-512 instead of SHA-256");
    options.flag("--json", options_.json, "print one JSON document with both digests");
  }

  bool needs_settings(const Environment& /*environment*/) const override { return false; }

  int call(const Workshop& shop, const Environment& environment) const override {
    return spki(options_, shop.files(), environment.standard_input, shop.output);
  }

 private:
  SpkiOptions options_;
};

}  // namespace

std::unique_ptr<Verb> spki_verb() {
  return std::make_unique<SpkiVerb>();
}

}  // namespace danectl
