#include "app/verbs/option_list.hpp"

#include <CLI/CLI.hpp>

namespace danectl {

void OptionList::names(std::vector<std::string>& into) {
  any_words("NAME", into, "certbot's name of the lineage; without it: all enrolled lineages");
}

void OptionList::one_name(std::string& into) {
  word("NAME", into, "certbot's name of the lineage");
}

void OptionList::dry_run(bool& into) {
  flag("--dry-run", into, "print what would be done, and change nothing");
}

void OptionList::json(bool& into) {
  flag("--json", into, "print one JSON document");
}

void OptionList::flag(const std::string& name, bool& into, const std::string& text) {
  verb_.add_flag(name, into, text);
}

void OptionList::value(const std::string& name, std::string& into, const std::string& text, const std::string& label) {
  verb_.add_option(name, into, text)->type_name(label);
}

void OptionList::value(const std::string& name, std::optional<std::string>& into, const std::string& text,
                       const std::string& label) {
  verb_.add_option(name, into, text)->type_name(label);
}

// One value each time an option is given: CLI11 would otherwise take the words after it, and split "[a,b]" in two.
void OptionList::values(const std::string& name, std::vector<std::string>& into, const std::string& text,
                        const std::string& label) {
  verb_.add_option(name, into, text)
      ->type_name(label)
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void OptionList::word(const std::string& name, std::string& into, const std::string& text) {
  verb_.add_option(name, into, text)->type_name("")->required();
}

void OptionList::words(const std::string& name, std::vector<std::string>& into, const std::string& text) {
  verb_.add_option(name, into, text)->type_name("")->required();
}

void OptionList::any_words(const std::string& name, std::vector<std::string>& into, const std::string& text) {
  verb_.add_option(name, into, text)->type_name("");
}

std::string OptionList::written(const std::string& name) const {
  const auto given = verb_.get_option(name)->results();
  return given.empty() ? std::string() : given.back();
}

Error unusable_value(const std::string& option, const Error& error) {
  return invalid(option + ": " + error.what, error.hint);
}

}  // namespace danectl
