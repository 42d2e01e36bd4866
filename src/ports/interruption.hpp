#pragma once

namespace danectl {

// Whether a person or the system asked danectl to end (SIGINT, SIGTERM) since the object was made. The second time
// ends it at once.
class Interruption {
 public:
  virtual ~Interruption() = default;
  [[nodiscard]] virtual bool asked_for() const = 0;
};

}  // namespace danectl
