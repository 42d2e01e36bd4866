#include "app/verbs/complete.hpp"

#include "app/certbot/certbot_conf.hpp"

#include <algorithm>
#include <utility>

namespace danectl {
namespace {

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// What cannot be read is offered as little as what is not there.
std::vector<std::string> enrolled(const Workshop& shop) {
  auto names = enrolled_names(shop.files(), shop.settings);
  return names ? *std::move(names) : std::vector<std::string>();
}

std::vector<std::string> to_enroll(const Workshop& shop) {
  const auto config = read_config(shop.files(), {shop.settings.path, ConfigPath::Chosen::by_default});
  const std::string certbot_dir = config ? config->certbot_dir : Config{}.certbot_dir;
  const std::vector<std::string> known = enrolled(shop);
  auto names = names_of_confs(shop.files(), certbot_dir);
  if (!names) return {};
  std::erase_if(*names, [&](const std::string& name) { return contains(known, name); });
  return *std::move(names);
}

class CompleteVerb : public Verb {
 public:
  explicit CompleteVerb(WordChoice choice)
      : Verb(complete_verb_name, "the words that may come next", Purpose::show), choice_(std::move(choice)) {}

  void declare(OptionList& /*options*/) override {}
  // A broken configuration still lets verbs and options be completed.
  bool needs_settings(const Environment& /*environment*/) const override { return false; }

  int call(const Workshop& shop, const Environment& /*environment*/) const override {
    for (const ChoiceWord& word : choice_.words) shop.output.out << word.text << '\t' << word.about << '\n';
    switch (choice_.more) {
      case WordChoice::More::none:
        break;
      case WordChoice::More::files:
        shop.output.out << "/\n";
        break;
      case WordChoice::More::enrolled_names:
        print(enrolled(shop), "enrolled", shop.output);
        break;
      case WordChoice::More::names_to_enroll:
        print(to_enroll(shop), "certbot's lineage", shop.output);
        break;
    }
    return exit_done;
  }

 private:
  void print(const std::vector<std::string>& names, const char* about, const Output& output) const {
    for (const std::string& name : names) {
      if (!name.starts_with(choice_.begun) || contains(choice_.used, name)) continue;
      output.out << name << '\t' << about << '\n';
    }
  }

  WordChoice choice_;
};

}  // namespace

std::unique_ptr<Verb> complete_verb(WordChoice choice) {
  return std::make_unique<CompleteVerb>(std::move(choice));
}

}  // namespace danectl
