#include "app/verbs/verbs.hpp"

#include "app/verbs/check.hpp"
#include "app/verbs/deploy_hook.hpp"
#include "app/verbs/discard.hpp"
#include "app/verbs/doctor.hpp"
#include "app/verbs/enroll.hpp"
#include "app/verbs/issuers.hpp"
#include "app/verbs/promote.hpp"
#include "app/verbs/publish.hpp"
#include "app/verbs/records.hpp"
#include "app/verbs/release.hpp"
#include "app/verbs/retire.hpp"
#include "app/verbs/rollback.hpp"
#include "app/verbs/run.hpp"
#include "app/verbs/spki.hpp"
#include "app/verbs/stage.hpp"
#include "app/verbs/status.hpp"
#include "app/verbs/survey.hpp"
#include "app/verbs/verify.hpp"

namespace danectl {

std::vector<std::unique_ptr<Verb>> all_verbs() {
  std::vector<std::unique_ptr<Verb>> verbs;
  verbs.push_back(spki_verb());
  verbs.push_back(enroll_verb());
  verbs.push_back(stage_verb());
  verbs.push_back(records_verb());
  verbs.push_back(issuers_verb());
  verbs.push_back(publish_verb());
  verbs.push_back(retire_verb());
  verbs.push_back(promote_verb());
  verbs.push_back(rollback_verb());
  verbs.push_back(discard_verb());
  verbs.push_back(release_verb());
  verbs.push_back(run_verb());
  verbs.push_back(status_verb());
  verbs.push_back(check_verb());
  verbs.push_back(doctor_verb());
  verbs.push_back(verify_verb());
  verbs.push_back(survey_verb());
  verbs.push_back(deploy_hook_verb());
  return verbs;
}

}  // namespace danectl
