#include "app/verbs/enroll_choice.hpp"

#include "app/certbot/certbot_conf.hpp"
#include "app/certbot/certbot_lineage.hpp"
#include "core/base/lines.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

namespace danectl {
namespace {

struct Choice {
  std::string name;
  std::vector<std::string> names;  // of its certificate
  std::string trouble;             // why it cannot be enrolled; empty: it can

  // Where its mail server may listen: a person confirms it, or names another.
  [[nodiscard]] std::string proposal() const {
    const bool own = std::find(names.begin(), names.end(), name) != names.end();
    const auto plain = std::find_if(names.begin(), names.end(), [](const auto& one) { return !one.starts_with('*'); });
    const std::string host = own ? name : plain == names.end() ? std::string() : *plain;
    return host.empty() ? host : fmt::format("smtp://{}:25", host);
  }
};

Error wants_name() {
  return invalid("enroll wants the NAME of a certbot lineage", "certbot certificates");
}

std::vector<Choice> choices(const Workshop& shop) {
  std::vector<Choice> all;
  const auto names = names_of_confs(shop.files(), shop.config().certbot_dir);
  if (!names) return all;
  for (const std::string& name : *names) {
    const auto& enrolled = shop.settings.lineages;
    const bool is_enrolled = std::any_of(enrolled.begin(), enrolled.end(),
                                         [&](const LineageConfig& lineage) { return lineage.name == name; });
    if (is_enrolled) continue;
    const auto theirs = read_certbot_lineage(shop.files(), shop.config().certbot_dir, name);
    all.push_back({name, theirs ? theirs->chain.leaf().names : std::vector<std::string>{},
                   theirs ? std::string() : theirs.error().what});
  }
  return all;
}

std::optional<std::string> answer_to(const Workshop& shop, std::istream& answers, const std::string& question) {
  shop.output.out << question << std::flush;
  std::string line;
  if (!std::getline(answers, line)) {
    shop.output.out << '\n';
    return std::nullopt;
  }
  return std::string(trimmed(line));
}

const Choice* chosen(const std::vector<Choice>& all, const std::string& answer) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(answer.data(), answer.data() + answer.size(), number);
  const bool is_number = error == std::errc{} && end == answer.data() + answer.size();
  if (is_number) return number >= 1 && number <= all.size() ? &all[number - 1] : nullptr;
  const auto found = std::find_if(all.begin(), all.end(), [&](const Choice& one) { return one.name == answer; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace

Status choose_lineage(const Workshop& shop, std::istream& answers, EnrollOptions& options) {
  if (!shop.output.terminal) return wants_name();
  const std::vector<Choice> all = choices(shop);
  if (all.empty()) {
    return invalid("certbot has no lineage that is not enrolled", "certbot certonly -d HOST gets a certificate");
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Choice& one = all[i];
    const std::string proposal = one.proposal();
    shop.output.out << fmt::format(
        "  {}  {}\n       {}\n", i + 1, one.name,
        !one.trouble.empty() ? "cannot be enrolled: " + one.trouble
        : proposal.empty()   ? fmt::format("certificate of {}", fmt::join(one.names, ", "))
                             : fmt::format("certificate of {}; --probe {}", fmt::join(one.names, ", "), proposal));
  }
  const auto answer = answer_to(shop, answers, "which one (its number; empty: none)? ");
  if (!answer || answer->empty()) return invalid("nothing was chosen, and nothing is changed", "danectl enroll NAME");
  const Choice* const one = chosen(all, *answer);
  if (one == nullptr) return invalid(fmt::format("\"{}\" is not in the list", *answer), "danectl enroll NAME");
  options.names = {one->name};
  if (!options.tlsa.empty() || !options.probe.empty()) return {};
  const std::string proposal = one->proposal();
  const auto probe = answer_to(shop, answers,
                               proposal.empty() ? std::string("where does its server listen (smtp://HOST:25)? ")
                                                : fmt::format("where does its server listen [{}]? ", proposal));
  if (!probe) return invalid("nothing was chosen, and nothing is changed", "danectl enroll NAME");
  const std::string url = probe->empty() ? proposal : *probe;
  if (!url.empty()) options.probe = {url};
  return {};
}

}  // namespace danectl
