#include "app/store/generations.hpp"

#include "app/store/store.hpp"
#include "core/keys/key_material.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <span>

namespace danectl {
namespace {

constexpr unsigned last_generation = 999'999'999;

// Folders under another name than a number are not generations: one being written has a temporary name.
std::optional<unsigned> number_of(std::string_view folder) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(folder.data(), folder.data() + folder.size(), number);
  if (error != std::errc{} || end != folder.data() + folder.size() || number == 0) return std::nullopt;
  if (folder != Paths::generation_folder(number) || number > last_generation) return std::nullopt;
  return number;
}

Result<std::vector<unsigned>> numbers(Files& files, const std::string& folder) {
  std::vector<unsigned> found;
  const auto info = files.info(folder);
  if (!info) return info.error();
  if (!*info) return found;
  const auto names = files.list(folder);
  if (!names) return names.error();
  for (const std::string& name : *names) {
    if (const auto number = number_of(name)) found.push_back(*number);
  }
  std::sort(found.begin(), found.end());
  return found;
}

Result<Chain> read_chain(Files& files, const std::string& folder) {
  const auto pem = files.read(folder + "/fullchain.pem");
  if (!pem) return pem.error();
  auto chain = parse_chain(*pem);
  if (!chain) return failed(folder + "/fullchain.pem: " + chain.error().what, chain.error().hint);
  return chain;
}

// The generation that is being written.
std::string unfinished_in(const std::string& folder) {
  return folder + "/.danectl-new";
}

// Nobody can tell which key it was deployed with, if it ever was: a person has to look.
Error no_generation(const std::string& folder, const Error& why) {
  return failed(why.what, fmt::format("if {} is no generation that danectl made, move it away; if it is, put it back "
                                      "from a backup",
                                      folder));
}

std::string combined_of(const KeyAndChain& material) {
  std::string key = material.private_key;
  if (!key.ends_with('\n')) key += '\n';
  return key + material.chain.pem();
}

Status write_files(Files& files, const std::string& folder, const LineageConfig& lineage, const KeyAndChain& material) {
  FileAttributes secret{.mode = static_cast<mode_t>(lineage.mode)};
  if (!lineage.owner_group.empty()) {
    const auto group = files.group_id(lineage.owner_group);
    if (!group) return group.error();
    secret.gid = *group;
  }
  const FileAttributes open{.mode = 0644};
  const std::string combined = combined_of(material);
  struct Part {
    const char* name;
    const std::string content;
    const FileAttributes& attributes;
  };
  const Part parts[] = {{"privkey.pem", material.private_key, secret},
                        {"cert.pem", material.chain.leaf_pem(), open},
                        {"chain.pem", material.chain.issuers_pem(), open},
                        {"fullchain.pem", material.chain.pem(), open},
                        {"combined.pem", combined, secret}};
  for (const Part& part : parts) {
    if (auto written = files.write(folder + "/" + part.name, part.content, part.attributes); !written) return written;
  }
  return {};
}

bool holds(Files& files, const std::string& folder, const KeyAndChain& material) {
  const auto combined = files.read(folder + "/combined.pem");
  return combined && *combined == combined_of(material);
}

// What live/NAME should lead to, as far as can be told: the generation that the state has as current, which after a
// rollback is not the newest; without a state the newest.
std::optional<unsigned> generation_to_serve(Files& files, const Paths& paths, const std::string& name) {
  const auto existing = numbers(files, paths.generations(name));
  if (!existing || existing->empty()) return std::nullopt;
  const auto state = load_state(files, paths, name);
  if (state && state->current &&
      std::find(existing->begin(), existing->end(), state->current->generation) != existing->end()) {
    return state->current->generation;
  }
  return existing->back();
}

// The command of a person that puts the link right.
std::string command_to_point(Files& files, const Paths& paths, const std::string& name) {
  const auto number = generation_to_serve(files, paths, name);
  if (!number) return fmt::format("put {} back from a backup", paths.generations(name));
  return fmt::format("ln -sfn {} {}", Paths::live_target(name, *number), paths.live(name));
}

// The same where a folder of plain files stands in the place of the link, as a copy that follows links leaves it. It is
// kept: where no generation is there, no other place may have the key.
std::string command_to_link(Files& files, const Paths& paths, const std::string& name) {
  const std::string live = paths.live(name);
  if (generation_to_serve(files, paths, name)) {
    return fmt::format("mv -T {0} {0}.plain && {1}", live, command_to_point(files, paths, name));
  }
  const auto state = load_state(files, paths, name);
  const unsigned number = state && state->current ? state->current->generation : 1;
  return fmt::format("mkdir -p {} && mv -T {} {} && ln -s {} {}", paths.generations(name), live,
                     paths.generation(name, number), Paths::live_target(name, number), live);
}

// However the link is written: relative or absolute, with or without a final '/'.
Result<unsigned> generation_behind(Files& files, const Paths& paths, const std::string& name) {
  const std::string link = paths.live(name);
  const auto there = files.info_followed(link);
  if (!there) return there.error();
  if (*there) {
    const auto folder = files.real_path(link);
    if (!folder) return folder.error();
    if (const auto number = number_of(folder->substr(folder->rfind('/') + 1))) {
      const auto ours = files.real_path(paths.generation(name, *number));
      if (ours && *ours == *folder) return *number;
    }
  }
  const auto target = files.read_link(link);
  if (!target) return target.error();
  return failed(fmt::format("{} points at {}, which is {}", link, *target,
                            *there ? "no generation of this lineage" : "not there"),
                command_to_point(files, paths, name));
}

bool same(const Certificate& one, const Certificate& other) {
  return one.fingerprint == other.fingerprint;
}

Status check_key(const std::string& pem, const std::string& path, const KeyId& key) {
  const auto id = read_private_key(pem);
  if (!id) return failed(path + ": " + id.error().what);
  if (!(*id == key)) return failed(path + " holds another key than that of the certificate");
  return {};
}

// `expected` may be empty: chain.pem of a certificate without an issuer to send.
Status check_certificates(const std::string& pem, const std::string& path, std::span<const Certificate> expected) {
  if (expected.empty()) return {};
  const auto chain = parse_chain(pem);
  if (!chain) return failed(path + ": " + chain.error().what);
  const auto& has = chain->certificates;
  if (!std::equal(has.begin(), has.end(), expected.begin(), expected.end(), same)) {
    return failed(path + " holds other certificates than fullchain.pem");
  }
  return {};
}

}  // namespace

Result<std::optional<DeployedFact>> read_deployed(Files& files, const Paths& paths, const std::string& name) {
  const std::string link = paths.live(name);
  const auto info = files.info(link);
  if (!info) return info.error();
  if (!*info) return std::optional<DeployedFact>{};
  if ((*info)->kind != FileInfo::Kind::link) {
    return failed(fmt::format("{} is not a link to a generation", link), command_to_link(files, paths, name));
  }
  const auto number = generation_behind(files, paths, name);
  if (!number) return number.error();
  auto chain = read_chain(files, paths.generation(name, *number));
  if (!chain) {
    Error error = chain.error();
    if (error.hint.empty()) error.hint = fmt::format("put {} back from a backup", paths.generation(name, *number));
    return error;
  }
  return std::optional<DeployedFact>{DeployedFact{*number, std::move(chain).value()}};
}

Error nothing_deployed(Files& files, const Paths& paths, const std::string& name) {
  const std::string link = paths.live(name);
  if (generation_to_serve(files, paths, name)) {
    return failed(fmt::format("{} is not there, so it is not known what servers load", link),
                  command_to_point(files, paths, name));
  }
  return failed(fmt::format("nothing was ever deployed for {}: it was not enrolled here", name),
                fmt::format("move its {0}.toml away and enrol it again: danectl enroll {0} --tlsa OWNER", name));
}

Status check_deployed(Files& files, const Paths& paths, const std::string& name, const DeployedFact& deployed) {
  const std::string folder = paths.generation(name, deployed.generation);
  const std::span<const Certificate> chain(deployed.chain.certificates);
  for (const auto& [name_of_file, expected] :
       {std::pair("/cert.pem", chain.first(1)), {"/chain.pem", chain.subspan(1)}}) {
    const auto pem = files.read(folder + name_of_file);
    if (!pem) return pem.error();
    if (auto good = check_certificates(*pem, folder + name_of_file, expected); !good) return good;
  }
  const auto key = files.read(folder + "/privkey.pem");
  if (!key) return key.error();
  if (auto good = check_key(*key, folder + "/privkey.pem", chain.front().key); !good) return good;
  const std::string combined = folder + "/combined.pem";
  const auto both = files.read(combined);
  if (!both) return both.error();
  if (*both == combined_of({*key, deployed.chain})) return {};
  if (auto good = check_key(*both, combined, chain.front().key); !good) return good;
  return check_certificates(*both, combined, chain);
}

Result<std::vector<unsigned>> generations_on_disk(Files& files, const Paths& paths, const std::string& name) {
  return numbers(files, paths.generations(name));
}

Result<Chain> read_generation_chain(Files& files, const Paths& paths, const std::string& name, unsigned number) {
  return read_chain(files, paths.generation(name, number));
}

Result<KeyAndChain> read_generation(Files& files, const Paths& paths, const std::string& name, unsigned number) {
  const std::string folder = paths.generation(name, number);
  auto key = files.read(folder + "/privkey.pem");
  if (!key) return key.error();
  auto chain = read_chain(files, folder);
  if (!chain) return chain.error();
  const auto id = read_private_key(*key);
  if (!id) return failed(folder + "/privkey.pem: " + id.error().what, id.error().hint);
  if (!(*id == chain->leaf().key)) return failed(folder + ": privkey.pem does not fit cert.pem");
  return KeyAndChain{std::move(key).value(), std::move(chain).value()};
}

Result<std::optional<KeyAndChain>> read_generation_before(Files& files, const Paths& paths, const std::string& name,
                                                          const DeployedFact& deployed) {
  const auto existing = numbers(files, paths.generations(name));
  if (!existing) return existing.error();
  for (auto number = existing->rbegin(); number != existing->rend(); ++number) {
    if (*number >= deployed.generation) continue;
    const auto chain = read_chain(files, paths.generation(name, *number));
    if (!chain) return no_generation(paths.generation(name, *number), chain.error());
    if (chain->leaf().key == deployed.chain.leaf().key) continue;
    auto material = read_generation(files, paths, name, *number);
    if (!material) return material.error();
    return std::optional<KeyAndChain>{std::move(material).value()};
  }
  return std::optional<KeyAndChain>{};
}

Result<unsigned> write_generation(Files& files, const Paths& paths, const LineageConfig& lineage,
                                  const KeyAndChain& given) {
  const KeyAndChain material{given.private_key, served_chain(given.chain, lineage)};
  const std::string folder = paths.generations(lineage.name);
  if (auto made = files.make_folder(folder, 0755); !made) return made.error();
  const auto existing = numbers(files, folder);
  if (!existing) return existing.error();
  unsigned number = existing->empty() ? 1 : existing->back();
  if (existing->empty() || !holds(files, paths.generation(lineage.name, number), material)) {
    if (!existing->empty()) ++number;
    const std::string unfinished = unfinished_in(folder);
    if (auto cleared = files.remove_tree(unfinished); !cleared) return cleared.error();
    if (auto made = files.make_folder(unfinished, 0755); !made) return made.error();
    if (auto written = write_files(files, unfinished, lineage, material); !written) return written.error();
    if (auto named = files.rename(unfinished, paths.generation(lineage.name, number)); !named) return named.error();
  }
  return number;
}

Status switch_live(Files& files, const Paths& paths, const std::string& name, unsigned number) {
  return files.switch_link(paths.live(name), Paths::live_target(name, number));
}

Status remove_unfinished(Files& files, const Paths& paths, const std::string& name) {
  const std::string folder = paths.generations(name);
  if (auto removed = files.remove_tree(unfinished_in(folder)); !removed) return removed;
  return files.remove_temporaries(folder);
}

Status prune_generations(Files& files, const Paths& paths, const std::string& name,
                         const std::vector<PresentedGeneration>& presented) {
  const auto deployed = read_deployed(files, paths, name);
  if (!deployed) return deployed.error();
  const auto existing = numbers(files, paths.generations(name));
  if (!existing) return existing.error();
  if (!*deployed) return {};
  bool other_key_seen = false;
  Status unreadable;
  for (auto number = existing->rbegin(); number != existing->rend(); ++number) {
    if (*number > (*deployed)->generation) continue;
    const bool may_be_presented = std::any_of(presented.begin(), presented.end(),
                                              [&](const PresentedGeneration& one) { return one.number == *number; });
    if (other_key_seen && may_be_presented) continue;
    if (other_key_seen) {
      if (auto removed = files.remove_tree(paths.generation(name, *number)); !removed) return removed;
      continue;
    }
    const auto chain = read_chain(files, paths.generation(name, *number));
    if (!chain) {
      unreadable = no_generation(paths.generation(name, *number), chain.error());
      continue;
    }
    other_key_seen = !(chain->leaf().key == (*deployed)->chain.leaf().key);
  }
  return unreadable;
}

}  // namespace danectl
