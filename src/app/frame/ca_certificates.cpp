#include "app/frame/ca_certificates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace danectl {
namespace {

// Many more would make answers larger than one datagram holds.
constexpr std::size_t most_issuers = 16;

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
  return invalid(fmt::format("{}: key \"{}\": {}", config_path, key, error.what), error.hint);
}

}  // namespace

Result<CaCertificates::Found> CaCertificates::in_file(const std::string& path) {
  const auto bytes = files_.read(path);
  if (!bytes) return bytes.error();
  auto chain = read_chain(*bytes);
  if (!chain) return failed(path + ": " + chain.error().what, "give it the certificate of a CA, in PEM");
  for (const Certificate& certificate : chain->certificates) {
    if (certificate.is_ca) continue;
    return failed(fmt::format("{}: {} is not the certificate of a CA", path, certificate.subject),
                  "records of usage 2 name the key of a CA: give it those certificates alone");
  }
  return Found{std::move(chain->certificates), {}};
}

Result<CaCertificates::Found> CaCertificates::in_folder(const std::string& path) {
  const auto names = files_.list(path);
  if (!names) return names.error();
  Found all;
  for (const std::string& name : *names) {
    if (!is_certificate_file(name)) continue;
    const auto some = in_file(path + "/" + name);
    if (some) {
      add(all.certificates, some->certificates);
    } else {
      all.unread.push_back(some.error().what);
    }
  }
  if (all.certificates.empty() && all.unread.empty()) {
    all.unread.push_back(path + ": no certificate in this folder, whose names end in .pem, .crt, .cer or .der");
  }
  return all;
}

Result<CaCertificates::Found> CaCertificates::at(const std::string& path) {
  if (const auto found = known_.find(path); found != known_.end()) return found->second;
  const auto info = files_.info_followed(path);
  if (!info) return info.error();
  if (!*info) return failed(path + " is not there");
  auto read = (*info)->kind == FileInfo::Kind::directory ? in_folder(path) : in_file(path);
  if (read) known_.emplace(path, *read);
  return read;
}

Status CaCertificates::read_issuers(LineageConfig& lineage) {
  for (const std::string& path : lineage.issuers) {
    const auto some = at(path);
    if (!some && some.error().kind == ErrorKind::no_permission) {
      lineage.unread_issuers.push_back(some.error().what);
      continue;
    }
    if (!some) return some.error();
    add(lineage.further_issuers, some->certificates);
    lineage.unread_issuers.insert(lineage.unread_issuers.end(), some->unread.begin(), some->unread.end());
  }
  // Ten thousand lineages may name the same folder; of these only the keys and names are wanted.
  for (Certificate& issuer : lineage.further_issuers) issuer.pem = std::string();
  if (lineage.further_issuers.size() <= most_issuers) return {};
  return failed(fmt::format("{} certificates of CAs, and {} is the most", lineage.further_issuers.size(), most_issuers),
                "each has a record in DNS: name only those from which the next chain may come");
}

Status CaCertificates::read_roots(LineageConfig& lineage) {
  if (lineage.append_root.empty()) return {};
  const auto roots = at(lineage.append_root);
  if (!roots && roots.error().kind == ErrorKind::no_permission) {
    lineage.unread_roots = roots.error().what;
    return {};
  }
  if (!roots) return roots.error();
  for (const Certificate& root : roots->certificates) {
    if (check_complete(Chain{{root}})) continue;
    return failed(fmt::format("{}: {} is not self-signed, so no root", lineage.append_root, root.subject),
                  "the root certificates that the CA's chains lead to, and no others");
  }
  lineage.roots = roots->certificates;
  return {};
}

Status CaCertificates::read_for(LineageConfig& lineage, const std::string& config_path) {
  if (auto read = read_issuers(lineage); !read) return of_key(config_path, "issuers", read.error());
  if (auto read = read_roots(lineage); !read) return of_key(config_path, "append_root", read.error());
  return {};
}

}  // namespace danectl
