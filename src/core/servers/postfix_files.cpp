#include "core/servers/postfix_files.hpp"

#include "core/base/lines.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <utility>

namespace danectl {
namespace {

constexpr std::string_view chain_files = "smtpd_tls_chain_files";
// Those without a chain file; the key files lie beside.
constexpr std::array<std::string_view, 3> certificate_files{"smtpd_tls_cert_file", "smtpd_tls_eccert_file",
                                                            "smtpd_tls_dcert_file"};
const std::vector<std::uint16_t> smtp_ports{25, 465, 587};

using Settings = std::map<std::string, std::string, std::less<>>;

std::optional<std::pair<std::string, std::string>> assignment(std::string_view line) {
  const std::size_t sign = line.find('=');
  if (sign == line.npos) return std::nullopt;
  return std::pair{std::string(trimmed(line.substr(0, sign))), std::string(trimmed(line.substr(sign + 1)))};
}

// "587/inet" by service; others than TCP have no certificates.
std::map<std::string, Settings> settings_of_services(std::string_view text) {
  std::map<std::string, Settings> services;
  while (!text.empty()) {
    const auto one = assignment(take_line(text));
    if (!one) continue;
    const std::size_t last = one->first.rfind('/');
    const std::string service = one->first.substr(0, std::min(last, one->first.size()));
    if (last != std::string::npos && service.ends_with("/inet"))
      services[service][one->first.substr(last + 1)] = one->second;
  }
  return services;
}

// Of "587/inet", "127.0.0.1:submission/inet".
std::vector<std::uint16_t> ports_of(std::string_view service) {
  std::string_view name = service.substr(0, service.rfind('/'));
  if (const std::size_t colon = name.rfind(':'); colon != name.npos) name.remove_prefix(colon + 1);
  if (name == "smtp") return {25};
  if (name == "submission") return {587};
  if (name == "smtps" || name == "submissions" || name == "ssmtp") return {465};
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), port);
  if (error == std::errc{} && end == name.data() + name.size()) return {port};
  return smtp_ports;
}

void add_settings(std::vector<ServerFile>& files, const Settings& settings, ServerFile model) {
  const auto add = [&](std::string_view name) {
    const auto found = settings.find(name);
    if (found == settings.end()) return;
    model.setting = name;
    model.value = found->second;
    add_files(files, model);
  };
  add(chain_files);
  const auto chains = settings.find(chain_files);
  if (chains != settings.end() && !chains->second.empty()) return;
  for (const std::string_view name : certificate_files) add(name);
}

std::vector<PostfixFiles::SniTable> sni_tables(std::string_view value) {
  std::vector<PostfixFiles::SniTable> tables;
  constexpr std::array<std::string_view, 6> compiled{"hash", "btree", "lmdb", "cdb", "texthash", "dbm"};
  while (!value.empty()) {
    const std::size_t end = std::min(value.find_first_of(", \t"), value.size());
    const std::string_view word = value.substr(0, end);
    const std::size_t colon = word.find(':');
    if (colon != word.npos && std::find(compiled.begin(), compiled.end(), word.substr(0, colon)) != compiled.end()) {
      tables.push_back({std::string(word.substr(0, colon)), std::string(word.substr(colon + 1))});
    }
    value.remove_prefix(std::min(end + 1, value.size()));
  }
  return tables;
}

}  // namespace

PostfixFiles postfix_files(std::string_view settings, std::string_view services) {
  PostfixFiles found;
  Settings main;
  while (!settings.empty()) {
    if (auto one = assignment(take_line(settings))) main.insert(*std::move(one));
  }
  add_settings(found.files, main, {MailProgram::postfix, {}, {}, {}, {}, {}, smtp_ports});
  for (const auto& [service, own] : settings_of_services(services)) {
    Settings all = own;
    // What main.cf has is told of already; it only decides what of the service counts.
    if (main.contains(chain_files) && !main.at(std::string(chain_files)).empty() && !own.contains(chain_files)) {
      for (const std::string_view name : certificate_files) all.erase(std::string(name));
    }
    add_settings(found.files, all, {MailProgram::postfix, {}, service, {}, {}, {}, ports_of(service)});
  }
  if (const auto maps = main.find("tls_server_sni_maps"); maps != main.end())
    found.sni_tables = sni_tables(maps->second);
  return found;
}

std::vector<ServerFile> sni_files(std::string_view text, const PostfixFiles::SniTable& table) {
  std::vector<ServerFile> files;
  std::string entry;
  const auto take = [&] {
    const std::string_view line = trimmed(entry);
    const std::size_t name_end = line.find_first_of(" \t");
    if (name_end != line.npos) {
      add_files(files, {MailProgram::postfix,
                        {},
                        table.type + ":" + table.path,
                        std::string(line.substr(0, name_end)),
                        std::string(trimmed(line.substr(name_end))),
                        {},
                        smtp_ports});
    }
    entry.clear();
  };
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (trimmed(line).empty() || trimmed(line).starts_with('#')) continue;
    const bool continues = line.front() == ' ' || line.front() == '\t';
    if (!continues) take();
    entry.append(line);
  }
  take();
  return files;
}

}  // namespace danectl
