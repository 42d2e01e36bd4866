#include "app/verbs/word_choice.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <utility>

namespace danectl {
namespace {

bool takes_a_value(const CLI::Option& option) {
  return option.get_items_expected_max() > 0;
}

class Reader {
 public:
  explicit Reader(const CLI::App& app) : app_(app) {}

  void read(const std::string& word) {
    if (awaiting_ != nullptr) return take_value(*std::exchange(awaiting_, nullptr), word);
    if (!names_only_ && word == "--") {
      names_only_ = true;
    } else if (!names_only_ && word.size() > 1 && word.front() == '-') {
      read_option(word);
    } else if (verb_ == nullptr) {
      verb_ = verb_called(word);
      lost_ = verb_ == nullptr;
    } else {
      choice_.used.push_back(word);
    }
  }

  WordChoice choose(const std::string& begun) && {
    choice_.begun = begun;
    const auto equals = begun.find('=');
    if (lost_) return std::move(choice_);
    if (awaiting_ != nullptr) {
      offer_values(*awaiting_, {});
    } else if (!names_only_ && begun.starts_with("--") && equals != std::string::npos) {
      if (const auto* option = option_called(begun.substr(0, equals))) {
        offer_values(*option, begun.substr(0, equals + 1));
      }
    } else if (!names_only_ && begun.starts_with('-')) {
      offer_options();
    } else if (verb_ == nullptr) {
      for (const CLI::App* verb : app_.get_subcommands({})) offer(verb->get_name(), verb->get_description());
    } else {
      offer_next_argument();
    }
    return std::move(choice_);
  }

 private:
  void take_value(const CLI::Option& option, const std::string& value) {
    if (option.check_name("--config")) choice_.config = value;
  }

  void read_option(const std::string& word) {
    const auto equals = word.find('=');
    const CLI::Option* option = option_called(word.substr(0, equals));
    if (option == nullptr || !takes_a_value(*option)) return;
    if (equals == std::string::npos) {
      awaiting_ = option;
    } else {
      take_value(*option, word.substr(equals + 1));
    }
  }

  // As CLI11 looks for it: those of the verb, then those for all.
  const CLI::Option* option_called(const std::string& name) const {
    const CLI::Option* option = verb_ == nullptr ? nullptr : verb_->get_option_no_throw(name);
    return option != nullptr ? option : app_.get_option_no_throw(name);
  }

  const CLI::App* verb_called(const std::string& name) const {
    const auto verbs = app_.get_subcommands([&](const CLI::App* verb) { return verb->get_name() == name; });
    return verbs.empty() ? nullptr : verbs.front();
  }

  void offer(const std::string& text, const std::string& about) {
    if (text.starts_with(choice_.begun)) choice_.words.push_back({text, about});
  }

  void offer_options() {
    for (const CLI::App* app : {verb_, &app_}) {
      if (app == nullptr) continue;
      for (const CLI::Option* option : app->get_options()) {
        const auto& names = option->get_lnames();
        if (names.empty()) continue;
        const std::string text = "--" + names.front();
        if (app == verb_ || option_called(text) == option) offer(text, option->get_description());
      }
    }
  }

  // By the label of the value: FILE, or all that it may be, "zone|json".
  void offer_values(const CLI::Option& option, const std::string& before) {
    const std::string label = option.get_type_name();
    if (label == "FILE" && before.empty()) choice_.more = WordChoice::More::files;
    for (std::size_t from = 0; label.find('|') != std::string::npos && from <= label.size();) {
      const std::size_t to = std::min(label.find('|', from), label.size());
      offer(before + label.substr(from, to - from), {});
      from = to + 1;
    }
  }

  void offer_next_argument() {
    const auto arguments = verb_->get_options([](const CLI::Option* option) { return !option->nonpositional(); });
    if (arguments.empty()) return;
    const CLI::Option& argument = *arguments.front();
    if (static_cast<std::size_t>(argument.get_items_expected_max()) <= choice_.used.size()) return;
    const std::string label = argument.get_single_name();
    if (label == "NAME" || label.starts_with("NAME|")) {
      const bool enrolls = verb_->get_name() == "enroll";
      choice_.more = enrolls ? WordChoice::More::names_to_enroll : WordChoice::More::enrolled_names;
    } else {
      choice_.more = WordChoice::More::files;
    }
  }

  const CLI::App& app_;
  const CLI::App* verb_ = nullptr;
  const CLI::Option* awaiting_ = nullptr;  // an option without its value
  bool names_only_ = false;                // after "--"
  bool lost_ = false;
  WordChoice choice_;
};

}  // namespace

WordChoice choose_word(const CLI::App& app, std::vector<std::string> words) {
  if (words.empty()) words.emplace_back();
  Reader reader(app);
  for (std::size_t i = 0; i + 1 < words.size(); ++i) reader.read(words[i]);
  return std::move(reader).choose(words.back());
}

}  // namespace danectl
