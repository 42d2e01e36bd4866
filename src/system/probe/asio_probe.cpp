#include "system/probe/asio_probe.hpp"

#include "system/probe/helo_name.hpp"
#include "system/probe/probe_attempt.hpp"
#include "system/probe/probe_hosts.hpp"
#include "system/probe/tls_offer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <map>
#include <optional>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <sys/resource.h>

namespace danectl {
namespace {

namespace asio = boost::asio;
using std::chrono::steady_clock;

// Addresses at once, with up to four connections each. More would make each other late by their arithmetic alone.
std::size_t most_in_flight() {
  constexpr rlim_t fewest = 16;
  constexpr rlim_t most = 256;
  constexpr rlim_t for_others = 64;
  constexpr rlim_t connections = 4;
  rlimit descriptors{};
  if (::getrlimit(RLIMIT_NOFILE, &descriptors) != 0) return fewest;
  return std::clamp((std::max(descriptors.rlim_cur, for_others) - for_others) / connections, fewest, most);
}

struct Offer {
  OfferedKeys keys;
  ServerName name;
};
constexpr std::array offers{Offer{OfferedKeys::rsa, ServerName::sent}, Offer{OfferedKeys::ecdsa, ServerName::sent},
                            Offer{OfferedKeys::rsa, ServerName::not_sent},
                            Offer{OfferedKeys::ecdsa, ServerName::not_sent}};

// One address of one name.
struct Job {
  const ProbeUrl& url;
  ProbedAddress& address;
  const ProbedAddress* like = nullptr;  // the same address under another name, or the same name: asked before
};

bool is_one_server(const ProbeUrl& one, const ProbeUrl& other) {
  return one.scheme == other.scheme && one.port == other.port;
}

// What one handshake has shown is not asked again: servers limit how often a client may call. So each address has a
// first job, and the others, of later names, take from it what does not depend on the name.
struct Jobs {
  std::vector<Job> first;
  std::vector<Job> later;   // other names at an address of `first`
  std::vector<Job> copies;  // the same name once more
};

// All handshakes are there from the start, so that none is missing whatever happens.
Jobs jobs_of(std::vector<ProbeResult>& results, ProbeEffort effort) {
  Jobs jobs;
  const auto known_in = [](const std::vector<Job>& some, const Job& job, bool by_name) {
    const auto found = std::find_if(some.begin(), some.end(), [&](const Job& one) {
      return is_one_server(one.url, job.url) && one.address.address == job.address.address &&
             (!by_name || one.url.host == job.url.host);
    });
    return found == some.end() ? nullptr : &found->address;
  };
  for (ProbeResult& result : results) {
    for (ProbedAddress& address : result.addresses) {
      if (address.kind != ProbedAddress::Kind::probed) continue;
      for (const Offer& offer : offers) {
        if (effort == ProbeEffort::sparing && offer.name == ServerName::not_sent) continue;
        address.handshakes.push_back({offer.keys, offer.name});
      }
      Job job{result.url, address};
      if ((job.like = known_in(jobs.first, job, true)) != nullptr ||
          (job.like = known_in(jobs.later, job, true)) != nullptr) {
        jobs.copies.push_back(job);
      } else if ((job.like = known_in(jobs.first, job, false)) != nullptr) {
        jobs.later.push_back(job);
      } else {
        jobs.first.push_back(job);
      }
    }
  }
  return jobs;
}

// What is offered, by kind of keys and form.
using Contexts = std::map<std::pair<OfferedKeys, OfferForm>, asio::ssl::context>;

Result<Contexts> make_contexts() {
  Contexts contexts;
  for (const OfferedKeys keys : {OfferedKeys::rsa, OfferedKeys::ecdsa}) {
    for (const OfferForm form : {OfferForm::by_signature, OfferForm::by_cipher}) {
      auto context = tls_context(keys, form);
      if (!context) return context.error();
      contexts.emplace(std::pair{keys, form}, asio::ssl::context(context->release()));
    }
  }
  return contexts;
}

class Round {
 public:
  Round(Jobs jobs, ProbeEffort effort, Seconds limit, const ProbeProgress& progress, Contexts contexts)
      : jobs_(std::move(jobs)), effort_(effort), limit_(limit), progress_(progress), contexts_(std::move(contexts)) {}

  // Throws what the workers throw.
  void run() {
    run(jobs_.first);
    run(jobs_.later);
    for (const Job& job : jobs_.copies) {
      job.address.handshakes = job.like->handshakes;
      tell_done();
    }
  }

 private:
  void run(const std::vector<Job>& jobs) {
    std::size_t next = 0;
    const std::size_t workers = std::min(most_in_flight(), jobs.size());
    for (std::size_t i = 0; i < workers; ++i) {
      asio::co_spawn(io_, work(jobs, next), [](const std::exception_ptr& error) {
        if (error) std::rethrow_exception(error);
      });
    }
    io_.run();
    io_.restart();
  }

  asio::awaitable<void> work(const std::vector<Job>& jobs, std::size_t& next) {
    while (next < jobs.size()) {
      co_await probe(jobs[next++]);
      tell_done();
    }
  }

  void tell_done() {
    ++done_;
    if (progress_) progress_(done_, jobs_.first.size() + jobs_.later.size() + jobs_.copies.size());
  }

  // What does not depend on the name, from the same address under another name. A server that did not come as far as
  // TLS was not told the name: then nothing is left to ask, and the result is true.
  static bool take_what_is_known(const Job& job) {
    if (job.like == nullptr) return false;
    const auto& known = job.like->handshakes;
    const bool without_tls = known.front().reached != Handshake::Reached::tls;
    for (std::size_t i = 0; i < known.size(); ++i) {
      if (without_tls || known[i].server_name == ServerName::not_sent) job.address.handshakes[i] = known[i];
    }
    return without_tls;
  }

  // The first dialogue shows whether the server comes as far as TLS. One that does not has said nothing about its
  // certificates, whatever is offered, and is not asked again. The others side by side, since a server may greet late.
  asio::awaitable<void> probe(Job job) {
    const ProbeTarget target{job.url, job.address.address, host_name_, limit_, steady_clock::now() + limit_};
    std::vector<Handshake>& handshakes = job.address.handshakes;
    Handshake& first = handshakes.front();
    if (take_what_is_known(job)) co_return;
    first = co_await try_form(OfferForm::by_signature, target, first);
    if (effort_ == ProbeEffort::sparing) {
      co_await go_on_sparingly(target, handshakes);
      co_return;
    }
    std::vector<asio::awaitable<void>> others;
    for (Handshake& handshake : handshakes) {
      if (first.reached != Handshake::Reached::tls) {
        handshake = like_the_first(first, handshake);
      } else if (job.like != nullptr && handshake.server_name == ServerName::not_sent) {
        continue;
      } else if (&handshake != &first) {
        others.push_back(attempt_both_ways(target, handshake));
      } else if (first.kind == Handshake::Kind::none) {
        others.push_back(confirm_none(target, first));
      }
    }
    co_await all(std::move(others));
    for (Handshake& handshake : handshakes) {
      if (handshake.closed) co_await confirm_closed(target, handshake, handshakes);
    }
  }

  asio::awaitable<void> go_on_sparingly(const ProbeTarget& target, std::vector<Handshake>& handshakes) {
    const Handshake& first = handshakes.front();
    for (std::size_t i = 1; i < handshakes.size(); ++i) {
      if (first.reached == Handshake::Reached::tls) {
        handshakes[i] = co_await try_form(OfferForm::by_signature, target, handshakes[i]);
      } else {
        handshakes[i] = like_the_first(first, handshakes[i]);
      }
    }
  }

  static Handshake like_the_first(Handshake first, const Handshake& offer) {
    first.offered = offer.offered;
    first.server_name = offer.server_name;
    return first;
  }

  // Dovecot, for one, says nothing when it has no certificate of the kind that is offered. A server that limits
  // connections, or is ill, does the same: so it has to close again, and then to present its other kind again.
  asio::awaitable<void> confirm_closed(const ProbeTarget& target, Handshake& handshake,
                                       const std::vector<Handshake>& all_of_address) {
    const auto witness = std::find_if(all_of_address.begin(), all_of_address.end(), [&](const Handshake& other) {
      return other.kind == Handshake::Kind::presented && other.server_name == handshake.server_name;
    });
    if (witness == all_of_address.end()) co_return;
    Handshake second = co_await try_form(OfferForm::by_cipher, target, handshake);
    if (second.kind == Handshake::Kind::presented) handshake = std::move(second);
    if (!second.closed && second.kind != Handshake::Kind::none) co_return;
    const Handshake other = co_await try_form(OfferForm::by_signature, target, *witness);
    if (other.kind != Handshake::Kind::presented) co_return;
    handshake.kind = Handshake::Kind::none;
    handshake.closed = false;
    handshake.why = "it closes the connection without an alert, and only when keys of this kind are offered";
  }

  asio::awaitable<void> all(std::vector<asio::awaitable<void>> tasks) {
    asio::steady_timer last(io_, steady_clock::time_point::max());
    std::size_t left = tasks.size();
    std::exception_ptr thrown;
    for (asio::awaitable<void>& task : tasks) {
      asio::co_spawn(io_, std::move(task), [&](const std::exception_ptr& error) {
        if (error) thrown = error;
        if (--left == 0) last.cancel();
      });
    }
    boost::system::error_code cancelled;
    if (left > 0) co_await last.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    if (thrown) std::rethrow_exception(thrown);
  }

  asio::awaitable<Handshake> try_form(OfferForm form, const ProbeTarget& target, const Handshake& offer) {
    return try_handshake(io_, contexts_.at({offer.offered, form}), target, offer.offered, offer.server_name);
  }

  asio::awaitable<void> attempt_both_ways(const ProbeTarget& target, Handshake& handshake) {
    handshake = co_await try_form(OfferForm::by_signature, target, handshake);
    if (handshake.kind == Handshake::Kind::none) co_await confirm_none(target, handshake);
  }

  // That a server has no such certificate is believed only when it says so to both forms of the offer: records are
  // deleted on the strength of it.
  asio::awaitable<void> confirm_none(const ProbeTarget& target, Handshake& handshake) {
    Handshake second = co_await try_form(OfferForm::by_cipher, target, handshake);
    if (second.kind != Handshake::Kind::none) handshake = std::move(second);
  }

  const Jobs jobs_;
  const ProbeEffort effort_;
  const Seconds limit_;
  const ProbeProgress& progress_;
  const std::string host_name_ = full_host_name();
  std::size_t done_ = 0;
  Contexts contexts_;
  asio::io_context io_;  // last: the coroutines that are left go with it
};

// Why the round came to an end before all was tried; nothing: it did not.
std::optional<std::string> run_round(Jobs jobs, ProbeEffort effort, Seconds limit, const ProbeProgress& progress) {
  try {
    auto contexts = make_contexts();
    if (!contexts) return contexts.error().what;
    Round(std::move(jobs), effort, limit, progress, std::move(*contexts)).run();
  } catch (const std::exception& error) {
    return error.what();
  }
  return std::nullopt;
}

}  // namespace

std::vector<ProbeResult> AsioProbe::probe(const std::vector<ProbeUrl>& urls, const ProbeProgress& progress) {
  std::vector<ProbeResult> results = find_probe_hosts(config_, urls);
  const auto trouble = run_round(jobs_of(results, effort_), effort_, config_.probe_timeout, progress);
  if (!trouble) return results;
  for (ProbeResult& result : results) {
    for (ProbedAddress& address : result.addresses) {
      for (Handshake& handshake : address.handshakes) {
        const bool open = handshake.kind == Handshake::Kind::failed && handshake.why.empty();
        if (open) handshake.why = "not tried: " + *trouble;
      }
    }
  }
  return results;
}

}  // namespace danectl
