#include "app/status/status_servers.hpp"

#include <algorithm>

namespace danectl {
namespace {

ServerView judged(const LineageView& view, const OwnerLook& look, const ServerAnswer& answer) {
  ServerView server{answer.server, answer.address, ServerView::Verdict::has_all, answer.why, answer.by_parent_alone};
  if (answer.kind == ServerAnswer::Kind::left_out) server.verdict = ServerView::Verdict::left_out;
  if (answer.kind == ServerAnswer::Kind::unknown) server.verdict = ServerView::Verdict::unknown;
  if (!is_validated(answer)) return server;
  for (const Association& association : wanted_associations(view.facts, view.lineage)) {
    const auto missing = shortfall(look, answer, association);
    if (!missing) continue;
    server.verdict = ServerView::Verdict::lacks;
    if (server.why.find(*missing) == std::string::npos) server.why += (server.why.empty() ? "" : "; ") + *missing;
  }
  if (server.verdict == ServerView::Verdict::has_all && answer.cname) server.why = "has the alias";
  return server;
}

}  // namespace

std::vector<ServerView> servers_of(const LineageView& view, const OwnerLook& look) {
  std::vector<ServerView> servers;
  for (const ServerAnswer& answer : look.answers) {
    ServerView server = judged(view, look, answer);
    const auto same = std::find_if(servers.begin(), servers.end(), [&](const ServerView& known) {
      return known.name == server.name && known.address == server.address;
    });
    // One that serves several names of the chain is shown once, at its worst.
    if (same == servers.end()) {
      servers.push_back(std::move(server));
    } else if (same->verdict == ServerView::Verdict::has_all) {
      *same = std::move(server);
    }
  }
  return servers;
}

}  // namespace danectl
