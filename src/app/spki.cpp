#include "app/spki.hpp"

#include "app/exit_code.hpp"
#include "core/certificate.hpp"
#include "core/pem_blocks.hpp"

#include <nlohmann/json.hpp>

namespace danectl {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view standard_input_name = "-";

std::string read_up_to(std::istream& in, std::size_t limit) {
  std::string bytes(limit, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(limit));
  bytes.resize(static_cast<std::size_t>(in.gcount()));
  return bytes;
}

Result<std::string> read_file(const std::string& file, Files& files) {
  const auto info = files.info_followed(file);
  if (!info) return info.error();
  if (!info->has_value()) return failed(file + ": there is no such file");
  if ((*info)->kind == FileInfo::Kind::directory) return failed(file + ": it is a directory", "name the files in it");
  return files.read_stream(file);
}

Result<KeyMaterial> material_of(const std::string& file, Files& files, std::istream& standard_input) {
  // One octet over the limit, so that the reader sees that it is too long.
  auto bytes = file == standard_input_name ? read_up_to(standard_input, longest_key_file + 1) : read_file(file, files);
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
      output.trouble(material.error());
      code = worse(code, exit_code(material.error().kind));
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

}  // namespace danectl
