// PROGRAM CORPUS [COUNT [SEED]]: a fuzz target where no libFuzzer is: its corpus, then COUNT inputs (20000) made of it,
// others on each day. It does not see which code an input reaches, as libFuzzer does, and has no sanitizer: `fuzz/all`
// is the search, this asks with each build whether the targets still stand. An input that ends it is in PROGRAM.ended.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

namespace {

using Random = std::mt19937_64;

std::string input;       // the present one
std::string ended_name;  // where it goes when it ends the program

void keep_input(int signal) {
  const int file = ::open(ended_name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file >= 0 && ::write(file, input.data(), input.size()) == static_cast<ssize_t>(input.size())) ::close(file);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void feed(std::string next) {
  input = std::move(next);
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

std::vector<std::string> read_corpus(const std::filesystem::path& folder) {
  std::vector<std::string> inputs;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    inputs.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  std::sort(inputs.begin(), inputs.end());
  return inputs;
}

std::size_t below(std::size_t end, Random& random) {
  return std::uniform_int_distribution<std::size_t>(0, end - 1)(random);
}

// One change: an octet, a piece that goes, that stands twice or comes of another input, or an end that is cut.
void change(std::string& text, const std::vector<std::string>& corpus, Random& random) {
  using namespace std::string_view_literals;
  constexpr std::string_view telling = "\0\xff\x80\n\r\t \"'\\/.,:;=-[]{}0159aAzZ_"sv;
  const std::size_t at = below(text.size() + 1, random);
  const std::size_t length = below(1 + std::min<std::size_t>(text.size() - at, 64), random);
  switch (below(6, random)) {
    case 0:
      if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << below(8, random)));
      break;
    case 1:
      if (at < text.size()) text[at] = telling[below(telling.size(), random)];
      break;
    case 2:
      text.erase(at, length);
      break;
    case 3:
      text.insert(at, text.substr(at, length));
      break;
    case 4: {
      const std::string& other = corpus[below(corpus.size(), random)];
      text.insert(at, other.substr(below(other.size() + 1, random), length));
      break;
    }
    default:
      text.resize(at);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> corpus = argc > 1 ? read_corpus(argv[1]) : std::vector<std::string>{};
  if (corpus.empty()) {
    std::cerr << "which folder has the corpus?\n";
    return 2;
  }
  using std::chrono::system_clock;
  const auto today = std::chrono::floor<std::chrono::days>(system_clock::now()).time_since_epoch().count();
  const unsigned long count = argc > 2 ? std::stoul(argv[2]) : 20000;
  const unsigned long seed = argc > 3 ? std::stoul(argv[3]) : static_cast<unsigned long>(today);
  ended_name = std::string(argv[0]) + ".ended";
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) std::signal(signal, keep_input);

  std::cout << corpus.size() << " inputs, and " << count << " made of them with seed " << seed << std::endl;
  for (const std::string& one : corpus) feed(one);
  Random random(seed);
  for (unsigned long i = 0; i < count; ++i) {
    std::string next = corpus[below(corpus.size(), random)];
    for (std::size_t left = 1 + below(8, random); left > 0; --left) change(next, corpus, random);
    feed(std::move(next));
  }
}
