// `danectl __complete WORD...`: for the completions of shells alone, and in no --help. The words are those after
// `danectl`, the last one as far as it is written. Each word that may stand there is printed on a line of its own, with
// a tab and what it is about after it; a line `/` says that a file may, too. No name of a lineage has a '/'. The exit
// code is 0 also where nothing may: a shell has no place for an error.
#pragma once

#include "app/verbs/verb.hpp"
#include "app/verbs/word_choice.hpp"

#include <memory>

namespace danectl {

inline constexpr const char* complete_verb_name = "__complete";

std::unique_ptr<Verb> complete_verb(WordChoice choice);

}  // namespace danectl
