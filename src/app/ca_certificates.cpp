#include "app/ca_certificates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace danectl {
namespace {

bool is_certificate_file(std::string_view name) {
  constexpr std::array<std::string_view, 4> endings{".pem", ".crt", ".cer", ".der"};
  return !name.starts_with('.') &&
         std::any_of(endings.begin(), endings.end(), [&](std::string_view ending) { return name.ends_with(ending); });
}

void add(std::vector<Certificate>& all, const std::vector<Certificate>& more) {
  for (const Certificate& one : more) {
    const auto same = [&](const Certificate& known) { return known.key == one.key; };
    if (std::none_of(all.begin(), all.end(), same)) all.push_back(one);
  }
}

Error of_key(const std::string& config_path, const char* key, const Error& error) {
  return usage_error(fmt::format("{}: key \"{}\": {}", config_path, key, error.what), error.hint);
}

}  // namespace

Result<std::vector<Certificate>> CaCertificates::in_file(const std::string& path) {
  const auto bytes = files_.read(path);
  if (!bytes) return bytes.error();
  auto chain = read_chain(*bytes);
  if (!chain) return failed(path + ": " + chain.error().what, "give it the certificate of a CA, in PEM");
  return std::move(chain->certificates);
}

Result<std::vector<Certificate>> CaCertificates::in_folder(const std::string& path) {
  const auto names = files_.list(path);
  if (!names) return names.error();
  std::vector<Certificate> all;
  for (const std::string& name : *names) {
    if (!is_certificate_file(name)) continue;
    const auto some = in_file(path + "/" + name);
    if (!some) return some.error();
    add(all, *some);
  }
  if (all.empty())
    return failed(path + ": no certificate in this folder", "put files named *.pem, *.crt or *.der there");
  return all;
}

Result<std::vector<Certificate>> CaCertificates::at(const std::string& path) {
  if (const auto found = known_.find(path); found != known_.end()) return found->second;
  const auto info = files_.info_followed(path);
  if (!info) return info.error();
  if (!*info) return failed(path + " is not there");
  auto read = (*info)->kind == FileInfo::Kind::directory ? in_folder(path) : in_file(path);
  if (read) known_.emplace(path, *read);
  return read;
}

Status CaCertificates::read_for(LineageConfig& lineage, const std::string& config_path) {
  for (const std::string& path : lineage.issuers) {
    const auto some = at(path);
    if (!some) return of_key(config_path, "issuers", some.error());
    add(lineage.further_issuers, *some);
  }
  if (lineage.append_root.empty()) return {};
  const auto roots = at(lineage.append_root);
  if (!roots) return of_key(config_path, "append_root", roots.error());
  for (const Certificate& root : *roots) {
    if (check_complete(Chain{{root}})) continue;
    return of_key(config_path, "append_root",
                  failed(fmt::format("{}: {} is not self-signed, so no root", lineage.append_root, root.subject),
                         "the root certificates that the CA's chains lead to, and no others"));
  }
  lineage.roots = *roots;
  return {};
}

}  // namespace danectl
