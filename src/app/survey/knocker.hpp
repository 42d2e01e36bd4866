// Knocks at the mail servers of a survey: at each host once, at each address once, with two connections at most.
#pragma once

#include "core/mail/mail_domain.hpp"
#include "core/survey/knock.hpp"
#include "ports/clock.hpp"
#include "ports/server_probe.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace danectl {

class Knocker {
 public:
  using Known = std::function<void(const Knock&)>;

  Knocker(std::unique_ptr<ServerProbe> probe, Clock& clock) : probe_(std::move(probe)), clock_(clock) {}

  // `known` is called once: at once when the host is remembered, else from within knock(). `domain`: whose mail goes
  // there. REQUIRES: way_of(host) is HostWay::dane.
  void want(const MailHost& host, const DnsName& domain, Known known);
  [[nodiscard]] std::size_t waiting() const { return queue_.size(); }
  // At some of those that wait, side by side; returns when they are done.
  void knock();

 private:
  // Of a host that waits, or one that is remembered.
  struct Visit {
    DnsName base;         // of its TLSA owner: the name that is sent (RFC 7671 section 3)
    std::string address;  // that is asked
    RRset records;
    std::vector<std::string> names;
    std::vector<Known> waiting;
    Knock knock;
    bool done = false;
  };
  // What an address showed, to the name that came there first.
  struct Shown {
    DnsName to;
    ProbedAddress address;
  };
  Knock judge(const Visit& visit) const;
  void remember(const std::string& host);
  void remember_shown(Shown shown);

  std::unique_ptr<ServerProbe> probe_;
  Clock& clock_;
  std::unordered_map<std::string, Visit> visits_;   // by host
  std::deque<std::string> queue_;                   // hosts
  std::deque<std::string> done_;                    // hosts, the oldest first
  std::unordered_map<std::string, DnsName> asked_;  // addresses, and the name that was sent
  std::deque<std::string> asked_order_;
  std::unordered_map<std::string, Shown> shown_;  // by address, of those asked last
  std::deque<std::string> shown_order_;
};

}  // namespace danectl
