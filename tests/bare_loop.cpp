// bare_loop CONF ANCHOR IN_FLIGHT <QUESTIONS: what libunbound alone can do with the questions of a survey, "NAME TYPE"
// a line, for tests/bench and tests/bench_survey. As many are on the way together; nothing is read of the answers but
// whether they are secure.
#include <unbound.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>

#include <poll.h>

namespace {

struct Tally {
  unsigned long secure = 0;
  unsigned long other = 0;
  unsigned long in_flight = 0;
};

void answered(void* argument, int error, ub_result* result) {
  auto& tally = *static_cast<Tally*>(argument);
  --tally.in_flight;
  ++(error == 0 && result->secure != 0 ? tally.secure : tally.other);
  ub_resolve_free(result);
}

void check(int error) {
  if (error == 0) return;
  std::fprintf(stderr, "bare_loop: %s\n", ub_strerror(error));
  std::exit(1);
}

void take_some(ub_ctx* context) {
  pollfd ready{ub_fd(context), POLLIN, 0};
  ::poll(&ready, 1, -1);
  check(ub_process(context));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const unsigned long most = std::stoul(argv[3]);
  ub_ctx* context = ub_ctx_create();
  ub_ctx_debugout(context, nullptr);
  check(ub_ctx_async(context, 1));
  check(ub_ctx_config(context, argv[1]));
  check(ub_ctx_add_ta_file(context, argv[2]));
  Tally tally;
  std::string name;
  int type = 0;
  while (std::cin >> name >> type) {
    while (tally.in_flight >= most) take_some(context);
    check(ub_resolve_async(context, name.c_str(), type, 1, &tally, answered, nullptr));
    ++tally.in_flight;
  }
  while (tally.in_flight > 0) take_some(context);
  ub_ctx_delete(context);
  std::printf("%lu secure, %lu other\n", tally.secure, tally.other);
}
