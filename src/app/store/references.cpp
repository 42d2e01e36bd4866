#include "app/store/references.hpp"

#include <algorithm>

namespace danectl {
namespace {

constexpr const char* folders[] = {"/etc/postfix", "/etc/dovecot", "/etc/exim4",     "/etc/nginx",
                                   "/etc/apache2", "/etc/haproxy", "/etc/opensmtpd", "/etc/stunnel"};
constexpr int deepest = 4;

void search(Files& files, const std::string& folder, const std::string& path, int depth,
            std::vector<std::string>& found) {
  const auto names = files.list(folder);
  if (!names || depth > deepest) return;
  for (const std::string& name : *names) {
    const std::string file = folder + "/" + name;
    const auto info = files.info(file);
    if (!info || !*info) continue;
    if ((*info)->kind == FileInfo::Kind::directory) search(files, file, path, depth + 1, found);
    if ((*info)->kind != FileInfo::Kind::regular) continue;
    if (const auto text = files.read(file); text && text->find(path) != std::string::npos) found.push_back(file);
  }
}

}  // namespace

std::vector<std::string> references_to(Files& files, const std::string& path) {
  std::vector<std::string> found;
  for (const char* folder : folders) search(files, folder, path, 0, found);
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace danectl
