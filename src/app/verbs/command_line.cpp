#include "app/verbs/command_line.hpp"

#include "app/verbs/complete.hpp"
#include "app/verbs/verbs.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>

namespace danectl {
namespace {

constexpr const char* description =
    "DANE for mail servers beside certbot: keep the key, publish the next one, switch only when every\n"
    "authoritative name server has had its record for long enough.";

constexpr const char* footer =
    "\nExit codes: 0 done, 1 failed, 2 wrong usage or configuration, 75 not yet (try later);\n"
    "of check: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.\n"
    "Manual: danectl(1), danectl.toml(5), danectl-check(7).";

struct GlobalOptions {
  std::string config;
  int verbose = 0;  // how many times -v was given
  bool quiet = false;
};

// A verb, and what CLI11 has for it.
struct Declared {
  std::unique_ptr<Verb> verb;
  CLI::App* app;
};

// CLI11 begins with a capital and may end with a full stop.
std::string in_our_words(std::string text) {
  while (!text.empty() && (text.back() == '.' || text.back() == '\n' || text.back() == ' ')) text.pop_back();
  const bool a_word = text.size() > 1 && (text[1] == ' ' || std::islower(static_cast<unsigned char>(text[1])) != 0);
  if (a_word) text.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(text.front())));
  return text == "a subcommand is required" ? "a verb is required" : text;
}

// CLI11 only says that there is none.
std::optional<std::string> unknown_verb(const CLI::App& app) {
  const std::vector<std::string> rest = app.remaining();
  const auto word =
      std::find_if(rest.begin(), rest.end(), [](const std::string& text) { return !text.starts_with('-'); });
  if (!app.get_subcommands().empty() || word == rest.end()) return std::nullopt;
  return "unknown verb \"" + *word + "\"";
}

void add_global_options(CLI::App& app, GlobalOptions& options, const std::string& version) {
  app.fallthrough();  // before the verbs, which inherit it: global options may stand after the verb
  app.require_subcommand(1);
  app.get_formatter()->label("SUBCOMMAND", "VERB");
  app.get_formatter()->label("Subcommands", "Verbs");
  app.get_formatter()->label("TEXT", "VALUE");
  app.footer(footer);
  app.set_help_flag("-h,--help", "print this help");
  app.set_version_flag("--version", version, "print the versions of danectl and its libraries");
  app.add_option("--config", options.config,
                 "configuration file (default: $DANECTL_CONFIG, else /etc/danectl/danectl.toml)")
      ->type_name("FILE");
  app.add_flag("-v,--verbose", options.verbose, "say more: each step; twice: each change of the state");
  app.add_flag("-q,--quiet", options.quiet, "say only what went wrong");
}

std::vector<Declared> add_verbs(CLI::App& app) {
  std::vector<Declared> declared;
  for (auto& verb : all_verbs()) {
    CLI::App* const its = app.add_subcommand(verb->name(), verb->summary());
    OptionList options(*its);
    verb->declare(options);
    declared.push_back({std::move(verb), its});
  }
  return declared;
}

// None, where the command line has a fault before it.
Declared chosen(const CLI::App& app, std::vector<Declared>& declared) {
  const auto verbs = app.get_subcommands();
  for (Declared& one : declared) {
    if (!verbs.empty() && verbs.front() == one.app) return std::move(one);
  }
  return {nullptr, nullptr};
}

Invocation completion(const CLI::App& app, std::vector<std::string> words) {
  WordChoice choice = choose_word(app, std::move(words));
  Invocation invocation;
  invocation.config = choice.config;
  invocation.verb = complete_verb(std::move(choice));
  return invocation;
}

Invocation refused(Declared one, Error error) {
  Invocation invocation;
  invocation.fault = std::move(error);
  if (one.verb) one.verb->take_as_written(OptionList(*one.app));
  invocation.verb = std::move(one.verb);
  return invocation;
}

Invocation informed(std::string information) {
  Invocation invocation;
  invocation.information = std::move(information);
  return invocation;
}

Invocation finish(Declared one, const GlobalOptions& options) {
  if (options.verbose > 0 && options.quiet) return refused(std::move(one), invalid("-v and -q exclude each other"));
  if (auto done = one.verb->finish(); !done) return refused(std::move(one), done.error());
  Invocation invocation;
  invocation.verb = std::move(one.verb);
  invocation.config = options.config;
  if (options.verbose > 0) invocation.verbosity = options.verbose > 1 ? Verbosity::debug : Verbosity::verbose;
  if (options.quiet) invocation.verbosity = Verbosity::quiet;
  return invocation;
}

}  // namespace

Invocation parse_command_line(int argc, const char* const* argv, const std::string& version) {
  GlobalOptions options;
  CLI::App app{description, "danectl"};
  add_global_options(app, options, version);
  std::vector<Declared> declared = add_verbs(app);
  // Not by CLI11: the words are not to be obeyed.
  if (argc > 1 && argv[1] == std::string_view(complete_verb_name)) return completion(app, {argv + 2, argv + argc});
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForVersion&) {
    return informed(version + "\n");
  } catch (const CLI::CallForHelp&) {
    const Declared one = chosen(app, declared);
    return informed(one.verb ? one.app->help("danectl") : app.help());
  } catch (const CLI::ParseError& e) {
    const std::string what = unknown_verb(app).value_or(in_our_words(e.what()));
    return refused(chosen(app, declared), invalid(what, "danectl --help"));
  }
  return finish(chosen(app, declared), options);
}

}  // namespace danectl
