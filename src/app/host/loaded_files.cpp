#include "app/host/loaded_files.hpp"

#include "app/certbot/certbot_lineage.hpp"
#include "app/store/children.hpp"
#include "core/servers/dovecot_files.hpp"
#include "core/servers/exim_files.hpp"
#include "core/servers/nginx_files.hpp"
#include "core/servers/postfix_files.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <unordered_map>
#include <utility>

namespace danectl {
namespace {

// They only read files; exim and nginx may resolve names.
constexpr Seconds tool_limit{10};

std::string folder_of(const std::string& path) {
  return std::filesystem::path(path).parent_path().string();
}

class Tools {
 public:
  explicit Tools(const Workshop& shop) : shop_(shop) {}

  void ask() {
    if (is_there("postconf")) note(MailProgram::postfix, postfix());
    for (const char* const exim : {"exim4", "exim"}) {
      if (!is_there(exim)) continue;
      note(MailProgram::exim, by(exim_files, {exim, "-bP", "tls_certificate"}));
      break;
    }
    if (is_there("doveconf")) note(MailProgram::dovecot, by(dovecot_files, {"doveconf", "-n"}));
    if (is_there("nginx")) note(MailProgram::nginx, by(nginx_files, {"nginx", "-T"}));
  }

  std::vector<LoadedFiles::Program> programs;
  std::vector<ServerFile> files;

 private:
  bool is_there(const std::string& tool) { return shop_.world.processes.find(tool).ok(); }

  Result<std::string> output_of(std::vector<std::string> argv) {
    const std::string shown = joined(argv);
    auto outcome = shop_.world.processes.run({.argv = std::move(argv), .time_limit = tool_limit});
    if (!outcome) return outcome.error();
    if (!outcome->success()) return failed(fmt::format("{}: {}{}", shown, outcome->text(), last_lines(outcome->err)));
    return std::move(outcome->out);
  }

  template <class Parse>
  Status by(Parse parse, std::vector<std::string> argv) {
    const auto text = output_of(std::move(argv));
    if (!text) return text.error();
    add(parse(*text));
    return {};
  }

  Status postfix() {
    const auto settings = output_of({"postconf", "-x", "smtpd_tls_chain_files", "smtpd_tls_cert_file",
                                     "smtpd_tls_eccert_file", "smtpd_tls_dcert_file", "tls_server_sni_maps"});
    if (!settings) return settings.error();
    const auto services = output_of({"postconf", "-Px"});
    if (!services) return services.error();
    PostfixFiles found = postfix_files(*settings, *services);
    add(std::move(found.files));
    for (const PostfixFiles::SniTable& table : found.sni_tables) {
      const auto text = shop_.files().read(table.path);
      if (!text) return text.error();
      add(sni_files(*text, table));
    }
    return {};
  }

  void add(std::vector<ServerFile> more) { std::move(more.begin(), more.end(), std::back_inserter(files)); }

  void note(MailProgram program, const Status& read) {
    programs.push_back({program, read ? std::string() : read.error().what});
  }

  const Workshop& shop_;
};

// The folders of all lineages; and, once a file is in none of them by its name, where their links lead.
class Folders {
 public:
  struct Place {
    LoadedFile::From from;
    const LineageConfig* lineage;
  };

  Folders(const Workshop& shop, const std::vector<LineageConfig>& lineages) : shop_(shop), lineages_(lineages) {
    for (const LineageConfig& lineage : lineages) {
      named_.add(shop.paths().live(lineage.name), {From::live, &lineage});
      named_.add_all_below(shop.paths().generations(lineage.name), {From::generation, &lineage});
    }
  }

  std::optional<Place> find(const std::string& path) {
    if (auto place = named_.find(folder_of(path))) return place;
    follow_all_links();
    if (auto place = named_.find(folder_of(path))) return place;
    // A link of somebody's own, or a folder that is reached by another way.
    const std::string real_folder = folder_of(real(path));
    return real_folder.empty() ? std::nullopt : real_.find(real_folder);
  }

 private:
  using From = LoadedFile::From;

  // By folder; of two lineages with one folder the first.
  class ByFolder {
   public:
    void add(const std::string& folder, Place place) {
      if (!folder.empty()) folders_.try_emplace(folder, place);
    }
    void add_all_below(const std::string& folder, Place place) {
      if (!folder.empty()) above_.try_emplace(folder, place);
    }
    [[nodiscard]] std::optional<Place> find(const std::string& folder) const {
      if (const auto at = folders_.find(folder); at != folders_.end()) return at->second;
      for (std::string above = folder_of(folder); above.size() > 1; above = folder_of(above)) {
        if (const auto at = above_.find(above); at != above_.end()) return at->second;
      }
      return std::nullopt;
    }

   private:
    std::unordered_map<std::string, Place> folders_;
    std::unordered_map<std::string, Place> above_;
  };

  void follow_all_links() {
    if (std::exchange(all_known_, true)) return;  // ten thousand lineages have many links
    for (const LineageConfig& lineage : lineages_) {
      real_.add(real(shop_.paths().live(lineage.name)), {From::live, &lineage});
      real_.add_all_below(real(shop_.paths().generations(lineage.name)), {From::generation, &lineage});
      const auto conf = read_conf_of(shop_.files(), shop_.config().certbot_dir, lineage.name);
      if (!conf) continue;
      const std::string certbots = folder_of(conf->cert);
      named_.add(certbots, {From::certbot, &lineage});
      real_.add(real(certbots), {From::certbot, &lineage});
      real_.add(real(conf->archive_dir), {From::certbot, &lineage});
    }
  }

  // Empty: not there, or it may not be read.
  [[nodiscard]] std::string real(const std::string& path) const {
    auto found = shop_.files().real_path(path);
    return found ? *std::move(found) : std::string();
  }

  const Workshop& shop_;
  const std::vector<LineageConfig>& lineages_;
  ByFolder named_;
  ByFolder real_;
  bool all_known_ = false;
};

}  // namespace

LoadedFiles read_loaded_files(const Workshop& shop, const std::vector<LineageConfig>& lineages) {
  Tools tools(shop);
  tools.ask();
  Folders folders(shop, lineages);
  LoadedFiles loaded{std::move(tools.programs), {}, shop.paths().live_root()};
  for (const ServerFile& file : tools.files) {
    LoadedFile& one = loaded.files.emplace_back(LoadedFile{file, LoadedFile::From::elsewhere, {}, {}});
    const auto place = folders.find(file.path);
    if (!place) continue;
    one.from = place->from;
    one.lineage = place->lineage->name;
    if (one.from == LoadedFile::From::live) continue;
    one.remedy = how_to_load(file, tools.files, shop.paths().live(one.lineage));
  }
  std::ranges::stable_sort(loaded.files, {}, &LoadedFile::lineage);
  return loaded;
}

}  // namespace danectl
