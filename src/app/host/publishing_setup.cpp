#include "app/host/publishing_setup.hpp"

#include "app/publish/publisher.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace danectl {
namespace {

constexpr mode_t for_others = 0007;

class Setup {
 public:
  explicit Setup(const Workshop& shop) : shop_(shop) {}

  AreaLook of(const std::vector<const PublishConfig*>& sections) {
    for (const PublishConfig* section : sections) {
      section_ = section;
      look();
    }
    return std::move(look_);
  }

 private:
  void look() {
    switch (section_->method) {
      case PublishMethod::print:
        return fine("records are published by hand, as danectl publish prints them (method = \"print\")");
      case PublishMethod::nsupdate:
        if (!finds("nsupdate", "apt-get install bind9-dnsutils")) return;
        if (!section_->key_file.empty() && !has_key()) return;
        return fine("nsupdate and its TSIG key are there");
      case PublishMethod::include:
        if (!has_folder() || !finds_command()) return;
        return fine("the folder of the included file and the command that loads the zone are there");
      case PublishMethod::hook:
        if (!finds_command()) return;
        return fine("the publish hook is there");
    }
  }

  void fine(const std::string& sentence) {
    if (look_.fine.empty()) look_.fine = fmt::format("{}: {}", section_->section, sentence);
  }

  void add(FindingId id, std::string message, std::string remedy) {
    look_.findings.push_back({id,
                              Severity::warning,
                              {},
                              {},
                              {},
                              {},
                              fmt::format("{}: {}", section_->section, std::move(message)),
                              std::move(remedy)});
  }
  void impossible(std::string message, std::string remedy) {
    add(FindingId::publishing_impossible, std::move(message), std::move(remedy));
  }

  bool finds(const std::string& program, const std::string& remedy) {
    const auto found = shop_.world.processes.find(program);
    if (!found) impossible(found.error().what, remedy);
    return found.ok();
  }

  bool finds_command() {
    if (!section_->command.empty()) {
      return finds(section_->command.front(),
                   fmt::format("put the program there, or name another in `command` of {}", shop_.settings.path));
    }
    impossible("no `command` is set", fmt::format("set it in {}, as danectl.toml(5) shows", shop_.settings.path));
    return false;
  }

  bool has_key() {
    const std::string& file = section_->key_file;
    const auto info = shop_.files().info_followed(file);
    if (!info) {
      look_.unread.push_back(info.error());
      return false;
    }
    if (!*info) {
      impossible(fmt::format("the TSIG key {} is not there", file),
                 fmt::format("put it there, as tsig-keygen(8) makes it on the name server, or correct key_file in {}",
                             shop_.settings.path));
      return false;
    }
    if (((*info)->mode & for_others) != 0) {
      add(FindingId::secret_readable,
          fmt::format("every user of this host may read the TSIG key {}, and change DNS by it", file),
          fmt::format("chmod o= {}", file));
    }
    const auto text = shop_.files().read(file);
    if (!text) look_.unread.push_back(text.error());
    return text.ok();
  }

  bool has_folder() {
    const std::string folder = std::filesystem::path(section_->include_file).parent_path().string();
    const auto info = shop_.files().info_followed(folder);
    if (!info) look_.unread.push_back(info.error());
    if (info && !*info) {
      impossible(fmt::format("the folder of include_file {} is not there", section_->include_file),
                 fmt::format("mkdir -p {}", folder));
    }
    return info && *info;
  }

  const Workshop& shop_;
  const PublishConfig* section_ = nullptr;
  AreaLook look_{.area = Area::publishing};
};

std::vector<const PublishConfig*> sections_of(const Workshop& shop, const std::vector<DnsName>& owners) {
  std::vector<const PublishConfig*> sections;
  for (const DnsName& owner : owners) {
    const PublishConfig* const section = &publish_for(shop, owner);
    if (std::find(sections.begin(), sections.end(), section) == sections.end()) sections.push_back(section);
  }
  if (owners.empty()) sections.push_back(&shop.config().publish);
  return sections;
}

}  // namespace

AreaLook look_at_publishing(const Workshop& shop, const std::vector<DnsName>& owners) {
  return Setup(shop).of(sections_of(shop, owners));
}

}  // namespace danectl
