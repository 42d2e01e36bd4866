#include "app/verbs/command_line.hpp"

#include "app/verbs/complete.hpp"
#include "app/verbs/verbs.hpp"
#include "core/base/nearest.hpp"

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
    "Manual: danectl(1), danectl.toml(5), danectl-check(7), danectl-dane(7).";

enum class Rest { option, word };

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

constexpr const char* help_of_all = "danectl --help";

// The first word of those that CLI11 has no use for: an option, or none.
std::optional<std::string> first_rest(const CLI::App& app, Rest rest) {
  const std::vector<std::string> words = app.remaining(true);
  const auto found = std::find_if(words.begin(), words.end(), [&](const std::string& word) {
    return word.starts_with('-') == (rest == Rest::option);
  });
  return found == words.end() ? std::nullopt : std::optional<std::string>(*found);
}

// CLI11 only says that there is none.
std::optional<Error> unknown_verb(const CLI::App& app) {
  const auto word = first_rest(app, Rest::word);
  if (!app.get_subcommands().empty() || !word) return std::nullopt;
  std::vector<std::string> verbs;
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; }))
    verbs.push_back(verb->get_name());
  return invalid("unknown verb \"" + *word + "\"", did_you_mean(*word, verbs, help_of_all));
}

// `verb`: the one that was given, which takes the options of all verbs as well.
std::string hint_for(const CLI::App& app, const CLI::App* verb) {
  std::string help = verb == nullptr ? help_of_all : "danectl " + verb->get_name() + " --help";
  const auto word = first_rest(app, Rest::option);
  if (!word) return help;
  std::vector<std::string> known;
  for (const CLI::App* one : {&app, verb}) {
    if (one == nullptr) continue;
    for (const CLI::Option* option : one->get_options()) {
      for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
    }
  }
  return did_you_mean(word->substr(0, word->find('=')), known, help);
}

// Words that people try: `help`, `help VERB`, `version`, and a verb as it is spelled elsewhere.
std::vector<std::string> understood(std::vector<std::string> words) {
  const auto verb =
      std::find_if(words.begin(), words.end(), [](const std::string& word) { return !word.starts_with('-'); });
  if (verb == words.end()) return words;
  if (*verb == "enrol") *verb = "enroll";
  if (*verb == "version") *verb = "--version";
  if (*verb != "help") return words;
  words.erase(verb);
  words.emplace_back("--help");
  return words;
}

void add_global_options(CLI::App& app, GlobalOptions& options, const std::string& version) {
  app.fallthrough();  // before the verbs, which inherit it: global options may stand after the verb
  app.require_subcommand(1);
  app.get_formatter()->label("SUBCOMMAND", "VERB");
  app.get_formatter()->label("Subcommands", "Verbs");
  app.get_formatter()->label("TEXT", "VALUE");
  app.footer(footer);
  app.set_help_flag("-h,--help", "print this help");
  app.set_version_flag("-V,--version", version, "print the versions of danectl and its libraries");
  app.add_option("--config", options.config,
                 "configuration file (default: $DANECTL_CONFIG, else /etc/danectl/danectl.toml)")
      ->type_name("FILE");
  app.add_flag("-v,--verbose", options.verbose, "print each step; twice: print each change of the state, too");
  app.add_flag("-q,--quiet", options.quiet, "print only what went wrong");
}

// The options of a verb are of use only where it stands among these words.
std::vector<Declared> add_verbs(CLI::App& app, const std::vector<std::string>& words) {
  const auto stands = [&](const std::string& word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  std::vector<Declared> declared;
  for (auto& verb : all_verbs()) {
    CLI::App* const its = app.add_subcommand(verb->name(), verb->summary());
    declared.push_back({std::move(verb), its});
    if (!stands(its->get_name())) continue;
    OptionList options(*its);
    declared.back().verb->declare(options);
    if (const std::string example = declared.back().verb->example(); !example.empty()) {
      its->footer("\nExample:\n  " + example);
    }
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
  std::vector<std::string> words = understood({argv + std::min(argc, 1), argv + argc});
  std::vector<Declared> declared = add_verbs(app, words);
  // Not by CLI11: the words are not to be obeyed.
  if (argc > 1 && argv[1] == std::string_view(complete_verb_name)) return completion(app, {argv + 2, argv + argc});
  try {
    std::reverse(words.begin(), words.end());  // CLI11 takes them from the end
    app.parse(std::move(words));
  } catch (const CLI::CallForVersion&) {
    return informed(version + "\n");
  } catch (const CLI::CallForHelp&) {
    const Declared one = chosen(app, declared);
    return informed(one.verb ? one.app->help("danectl") : app.help());
  } catch (const CLI::ParseError& e) {
    Declared one = chosen(app, declared);
    const Error fault = unknown_verb(app).value_or(invalid(in_our_words(e.what()), hint_for(app, one.app)));
    return refused(std::move(one), fault);
  }
  return finish(chosen(app, declared), options);
}

}  // namespace danectl
