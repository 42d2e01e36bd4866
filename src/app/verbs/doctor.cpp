#include "app/verbs/doctor.hpp"

#include "app/doctor/doctor_text.hpp"
#include "app/doctor/examination.hpp"
#include "app/verbs/subjects.hpp"

#include <nlohmann/json.hpp>

namespace danectl {

int doctor(const DoctorOptions& options, const Workshop& shop) {
  const auto subjects = choose_subjects(shop, options.names);
  if (!subjects) return exit_with(subjects.error(), shop.output);
  Output output = shop.output;
  output.terminal = output.terminal && !options.json;  // where `check` draws its progress
  const std::vector<Item> items = examine({shop.world, shop.settings, output}, *subjects);
  shop.output.out << (options.json ? doctor_json(items).dump(2) + "\n" : doctor_text(items, shop.output));
  return any_trouble(items) ? exit_failed : exit_done;
}

namespace {

class DoctorVerb : public VerbWith<DoctorOptions, doctor> {
 public:
  DoctorVerb() : VerbWith("doctor", "what this host lacks, and the command that mends it", Purpose::show) {}

  std::string example() const override { return "danectl doctor smtp://mx.example.com:25"; }

  void declare(OptionList& options) override {
    options.any_words("NAME|URL", options_.names,
                      "a lineage, or any server, smtp://mx.example.com:25; without it: all enrolled lineages");
    options.json(options_.json);
  }
};

}  // namespace

std::unique_ptr<Verb> doctor_verb() {
  return std::make_unique<DoctorVerb>();
}

}  // namespace danectl
