// `danectl survey FILE`: the DANE state of a list of mail domains. Needs no configuration.
#pragma once

#include "app/survey/survey_format.hpp"
#include "app/verbs/verb.hpp"

#include <optional>
#include <string>

namespace danectl {

struct SurveyOptions {
  std::string list;  // a file, or "-"
  SurveyFormat format = SurveyFormat::text;
  bool probe = false;
  std::optional<unsigned> rate = 200;  // questions a second; nothing: without a limit
  std::string output_file;             // empty: standard output
};

// The exit code: 0 done, whatever the state of the domains; 1 the list or the output failed; 2 unusable input, or an
// output file that is not of this survey; 75 DNS gives no answers, or somebody ended it.
int survey(const SurveyOptions& options, const Workshop& shop);

std::unique_ptr<Verb> survey_verb();

}  // namespace danectl
