// The options of a verb, as its file declares them. CLI11 is behind it, and only in option_list.cpp,
// command_line.cpp and word_choice.cpp. `into` gets what was given when the whole command line is parsed; it has to
// live until then.
#pragma once

#include "core/base/result.hpp"

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace danectl {

// In the order of --help.
class OptionList {
 public:
  explicit OptionList(CLI::App& verb) : verb_(verb) {}

  // What several verbs have.
  void names(std::vector<std::string>& into);  // [NAME...]
  void one_name(std::string& into);            // NAME
  void dry_run(bool& into);
  void json(bool& into);

  void flag(const std::string& name, bool& into, const std::string& text);
  // --help calls the value by `label`. By that shells complete it: FILE, or all that it may be, "zone|json".
  void value(const std::string& name, std::string& into, const std::string& text, const std::string& label = "VALUE");
  void value(const std::string& name, std::optional<std::string>& into, const std::string& text,
             const std::string& label = "VALUE");
  void values(const std::string& name, std::vector<std::string>& into, const std::string& text,
              const std::string& label = "VALUE");  // repeat it

  // Without a dash: by their place. Shells complete NAME and NAME|URL by the lineages, all others by files.
  void word(const std::string& name, std::string& into, const std::string& text);                // one is needed
  void words(const std::string& name, std::vector<std::string>& into, const std::string& text);  // at least one
  void any_words(const std::string& name, std::vector<std::string>& into, const std::string& text);

  // The last value of an option, as it was written, also where the command line has a fault. Empty: not given.
  [[nodiscard]] std::string written(const std::string& name) const;

 private:
  CLI::App& verb_;
};

// For Verb::finish: what is wrong with the value of an option.
Error unusable_value(const std::string& option, const Error& error);

}  // namespace danectl
