// A verb of the command line: its name, its options and what it calls. Each file VERB.cpp here declares its own;
// verbs.cpp lists them.
#pragma once

#include "app/frame/exit_code.hpp"
#include "app/store/workshop.hpp"
#include "app/verbs/option_list.hpp"

#include <istream>
#include <memory>
#include <optional>
#include <string>

namespace danectl {

struct DeployHookEnvironment {
  std::optional<std::string> renewed_lineage;  // RENEWED_LINEAGE
  bool started_by_danectl = false;             // DANECTL_ACTIVE
};

// What of the call's surroundings counts, besides the World.
struct Environment {
  std::istream& standard_input;
  std::optional<std::string> danectl_config;  // DANECTL_CONFIG
  DeployHookEnvironment deploy_hook;
  bool is_root = false;  // the programs that the configuration names are started with root's rights
};

// What a verb is for decides what becomes of certificates of the configuration that may not be read (`append_root`,
// `issuers`), and whose exit codes it has.
enum class Purpose {
  show,               // what may not be read is unknown, and a warning says so
  watch,              // the same, by a finding; exit codes of monitoring plugins
  change,             // a root that may not be read is refused: the verb would act without it
  change_unattended,  // the same, for a timer or certbot: warnings only with --verbose
};

class Verb {
 public:
  // `summary` is its line in --help.
  Verb(std::string name, std::string summary, Purpose purpose)
      : name_(std::move(name)), summary_(std::move(summary)), purpose_(purpose) {}
  virtual ~Verb() = default;
  // The options point to its members.
  Verb(const Verb&) = delete;
  Verb& operator=(const Verb&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& summary() const { return summary_; }
  [[nodiscard]] Purpose purpose() const { return purpose_; }
  // A call as it may be typed, for its --help.
  [[nodiscard]] virtual std::string example() const { return {}; }

  virtual void declare(OptionList& options) = 0;
  // After parsing: texts become values, and what does not go together is refused. No I/O.
  virtual Status finish() { return {}; }
  // Before `refuse`, where the command line has a fault: then `into` of an option may not have what was given.
  virtual void take_as_written(const OptionList& /*options*/) {}

  // Whether danectl.toml is read. Otherwise the settings have its path, and nothing that stands in it.
  [[nodiscard]] virtual bool needs_settings(const Environment& /*environment*/) const { return true; }
  // Whether it is sure, before the files of all lineages are read, that nothing is to be done.
  [[nodiscard]] virtual bool is_idle(Files& /*files*/, const ConfigPath& /*path*/,
                                     const Environment& /*environment*/) const {
    return false;
  }
  // Carries it out. The exit code. REQUIRES: finish() was done.
  [[nodiscard]] virtual int call(const Workshop& shop, const Environment& environment) const = 0;
  // Says why it cannot be carried out: by the command line, or by the configuration. The exit code.
  [[nodiscard]] virtual int refuse(const Error& error, const Output& output) const { return exit_with(error, output); }

 private:
  std::string name_;
  std::string summary_;
  Purpose purpose_;
};

// One that does no more than carry out its options.
template <class Options, int (*carry_out)(const Options&, const Workshop&)>
class VerbWith : public Verb {
 public:
  using Verb::Verb;
  [[nodiscard]] int call(const Workshop& shop, const Environment& /*environment*/) const override {
    return carry_out(options_, shop);
  }

 protected:
  Options options_;
};

}  // namespace danectl
