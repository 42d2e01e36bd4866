#include "app/host/loaded_files.hpp"

#include "app/certbot/certbot_lineage.hpp"
#include "app/store/children.hpp"
#include "core/servers/dovecot_files.hpp"
#include "core/servers/exim_files.hpp"
#include "core/servers/nginx_files.hpp"
#include "core/servers/postfix_files.hpp"

#include <filesystem>
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

// The folders of one lineage, with all links resolved as well.
class Folders {
 public:
  Folders(const Workshop& shop, const LineageConfig& lineage) : files_(shop.files()) {
    live_ = shop.paths().live(lineage.name);
    deployed_ = real(live_);
    generations_ = shop.paths().generations(lineage.name);
    real_generations_ = real(generations_);
    const auto conf = read_conf_of(files_, shop.config().certbot_dir, lineage.name);
    if (!conf) return;
    certbot_ = folder_of(conf->cert);
    real_certbot_ = real(certbot_);
    archive_ = real(conf->archive_dir);
  }

  [[nodiscard]] LoadedFile::From where(const std::string& path) const {
    using From = LoadedFile::From;
    const std::string folder = folder_of(path);
    if (folder == live_) return From::live;
    if (is_below(folder, generations_)) return From::generation;
    if (!certbot_.empty() && folder == certbot_) return From::certbot;
    // A link of somebody's own, or a folder that is reached by another way.
    const std::string real_folder = folder_of(real(path));
    if (real_folder.empty()) return From::elsewhere;
    if (real_folder == deployed_) return From::live;
    if (is_below(real_folder, real_generations_)) return From::generation;
    if (real_folder == real_certbot_ || real_folder == archive_) return From::certbot;
    return From::elsewhere;
  }

  [[nodiscard]] const std::string& live() const { return live_; }

 private:
  // Empty: not there, or it may not be read.
  [[nodiscard]] std::string real(const std::string& path) const {
    auto found = files_.real_path(path);
    return found ? *std::move(found) : std::string();
  }
  static bool is_below(const std::string& folder, const std::string& above) {
    return !above.empty() && folder.starts_with(above + "/");
  }

  Files& files_;
  std::string live_;
  std::string deployed_;
  std::string generations_;
  std::string real_generations_;
  std::string certbot_;
  std::string real_certbot_;
  std::string archive_;
};

}  // namespace

LoadedFiles read_loaded_files(const Workshop& shop, const std::vector<LineageConfig>& lineages) {
  Tools tools(shop);
  tools.ask();
  std::vector<std::pair<std::string, Folders>> folders;
  for (const LineageConfig& lineage : lineages) folders.emplace_back(lineage.name, Folders(shop, lineage));
  LoadedFiles loaded{std::move(tools.programs), {}, shop.paths().live_root()};
  for (const ServerFile& file : tools.files) {
    LoadedFile& one = loaded.files.emplace_back(LoadedFile{file, LoadedFile::From::elsewhere, {}, {}});
    for (const auto& [name, theirs] : folders) {
      const LoadedFile::From from = theirs.where(file.path);
      if (from == LoadedFile::From::elsewhere) continue;
      one.from = from;
      one.lineage = name;
      if (from != LoadedFile::From::live) one.remedy = how_to_load(file, tools.files, theirs.live());
      break;
    }
  }
  return loaded;
}

}  // namespace danectl
