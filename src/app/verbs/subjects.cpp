#include "app/verbs/subjects.hpp"

namespace danectl {

Result<Subjects> choose_subjects(const Workshop& shop, const std::vector<std::string>& words) {
  Subjects subjects;
  std::vector<std::string> lineage_names;
  for (const std::string& name : words) {
    if (name.find("://") == std::string::npos) {
      lineage_names.push_back(name);
      continue;
    }
    auto url = ProbeUrl::parse(name);
    if (!url) return url.error();
    subjects.servers.push_back(*std::move(url));
  }
  if (!subjects.servers.empty() && lineage_names.empty()) return subjects;
  auto lineages = choose_lineages(shop.settings, lineage_names);
  if (!lineages) return lineages.error();
  subjects.lineages = *std::move(lineages);
  return subjects;
}

}  // namespace danectl
