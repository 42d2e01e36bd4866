// `danectl doctor [NAME|URL...]`: what this host lacks, before and after `enroll`, each with what mends it.
#pragma once

#include "app/verbs/verb.hpp"

namespace danectl {

struct DoctorOptions {
  std::vector<std::string> names;
  bool json = false;
};

int doctor(const DoctorOptions& options, const Workshop& shop);

std::unique_ptr<Verb> doctor_verb();

}  // namespace danectl
