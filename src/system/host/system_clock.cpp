#include "system/host/system_clock.hpp"

#include <fstream>
#include <thread>

#include <time.h>

namespace danectl {
namespace {

Milliseconds reading(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return std::chrono::duration_cast<Milliseconds>(std::chrono::seconds(time.tv_sec) +
                                                  std::chrono::nanoseconds(time.tv_nsec));
}

// Where /proc cannot be read the id is empty, so two boots look like one: the clock since boot then holds elapsed time
// down, which only delays.
std::string read_boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

}  // namespace

Instant SystemClock::now() {
  static const std::string boot_id = read_boot_id();
  return {WallTime(reading(CLOCK_REALTIME)), reading(CLOCK_BOOTTIME), boot_id};
}

void SystemClock::sleep(Milliseconds span) {
  std::this_thread::sleep_for(span);
}

}  // namespace danectl
