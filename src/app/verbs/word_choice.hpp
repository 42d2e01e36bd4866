// Which words may come next on a command line, by what the verbs declare. For the completions of shells
// (hooks/completion), by way of `danectl __complete` (complete.hpp).
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace danectl {

struct ChoiceWord {
  std::string text;
  std::string about;  // its line in --help
};

struct WordChoice {
  enum class More { none, files, enrolled_names, names_to_enroll };

  std::string begun;              // what is written of the word
  std::vector<ChoiceWord> words;  // that begin so, in the order of --help
  More more = More::none;         // and what only the host knows: of that, too, what begins so
  std::vector<std::string> used;  // names that stand there already
  std::string config;             // of --config; empty: not given
};

// `words` are those after the program's name, the last one as far as it is written; none is the empty word. Where the
// words before have a fault that is found here, the choice is empty.
WordChoice choose_word(const CLI::App& app, std::vector<std::string> words);

}  // namespace danectl
