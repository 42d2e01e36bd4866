// Hosts that many mail domains share are asked once while they are remembered. Its size is bounded.
#pragma once

#include "system/dns/mail_questions.hpp"

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace danectl {

class HostMemory {
 public:
  using Host = std::shared_ptr<const MailHost>;
  using Known = std::function<void(const Host&)>;

  // Remembers at most so many hosts, each for so long after it was asked; those that are being asked besides.
  HostMemory(MailQuestions& questions, std::size_t most, std::chrono::seconds keep)
      : questions_(questions), most_(most), keep_(keep) {}
  HostMemory(const HostMemory&) = delete;
  HostMemory& operator=(const HostMemory&) = delete;

  // `known` is called once: at once when the host is remembered, else from within the batch's step().
  void want(const DnsName& name, Known known);

 private:
  struct Entry {
    Host host;                   // nothing: it is being asked
    std::vector<Known> waiting;  // for it
    std::chrono::steady_clock::time_point asked;
    std::list<std::string>::iterator place;  // in `used_`, when it is known
  };
  void take(const std::string& name, MailHost found);

  MailQuestions& questions_;
  const std::size_t most_;
  const std::chrono::seconds keep_;
  std::unordered_map<std::string, Entry> entries_;  // by name
  std::list<std::string> used_;                     // the known ones, those first that were wanted last
};

}  // namespace danectl
