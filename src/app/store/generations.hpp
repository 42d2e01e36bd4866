// Generations: the sets of key and chain that were deployed, and the link that says which one servers load.
#pragma once

#include "app/certbot/certbot_lineage.hpp"
#include "app/frame/paths.hpp"
#include "core/config/lineage_config.hpp"
#include "core/rollover/facts.hpp"

#include <optional>

namespace danectl {

// What live/NAME leads to; nothing when there is no such link. A link that leads nowhere, or to a certificate that
// cannot be read: an error, since then it is not known what servers load.
Result<std::optional<DeployedFact>> read_deployed(Files& files, const Paths& paths, const std::string& name);

// What is wrong, and what to do, when read_deployed gives nothing: the link is gone, or the lineage's file was put
// there by hand and it was never enrolled.
Error nothing_deployed(Files& files, const Paths& paths, const std::string& name);

// Whether every file that a server may load beside fullchain.pem is there and fits it. The error names the file.
Status check_deployed(Files& files, const Paths& paths, const std::string& name, const DeployedFact& deployed);

// The numbers of all that are there, the oldest first; and the chain of one.
Result<std::vector<unsigned>> generations_on_disk(Files& files, const Paths& paths, const std::string& name);
Result<Chain> read_generation_chain(Files& files, const Paths& paths, const std::string& name, unsigned number);

// Its key and chain, private key included.
Result<KeyAndChain> read_generation(Files& files, const Paths& paths, const std::string& name, unsigned number);

// The newest generation older than the deployed one that has another key; nothing when there is none.
Result<std::optional<KeyAndChain>> read_generation_before(Files& files, const Paths& paths, const std::string& name,
                                                          const DeployedFact& deployed);

// Writes the next generation whole and returns its number; live/NAME stays as it is. One that a cut left complete but
// unused is taken up again.
Result<unsigned> write_generation(Files& files, const Paths& paths, const LineageConfig& lineage,
                                  const KeyAndChain& given);

// Switches live/NAME to a generation by one rename: a cut before it leaves the old one in force, a cut after it the new
// one.
Status switch_live(Files& files, const Paths& paths, const std::string& name, unsigned number);

// Removes the generation that a cut call had begun to write, private key included.
Status remove_unfinished(Files& files, const Paths& paths, const std::string& name);

// Removes generations older than the newest with another key than the deployed one (that one is for `rollback`), but
// for those that some server may present.
Status prune_generations(Files& files, const Paths& paths, const std::string& name,
                         const std::vector<PresentedGeneration>& presented);

}  // namespace danectl
