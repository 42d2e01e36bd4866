// What a probe of a live server saw. Values only: the port ServerProbe makes them, `check` and promise 2 read them.
#pragma once

#include "core/config/probe_url.hpp"
#include "core/keys/certificate.hpp"

#include <string>
#include <vector>

namespace danectl {

// What a client of a probe offers. A server with an RSA and an ECDSA certificate shows each of them only to a client
// that can verify no other, and one with several names may choose by SNI.
enum class OfferedKeys { rsa, ecdsa };
enum class ServerName { sent, not_sent };

// One TLS handshake with one address.
struct Handshake {
  enum class Kind {
    presented,  // the handshake was completed: `chain` is what the server sent and proved to have the key of
    none,       // the server ended it with an alert, however it was asked: it has no certificate of that kind; or it
                // closed the connection in the handshake, again and again, and never for keys of the other kind
    failed,     // no word about certificates: connection, greeting, STARTTLS, time limit; `why` says which
  };
  OfferedKeys offered = OfferedKeys::rsa;
  ServerName server_name = ServerName::sent;
  Kind kind = Kind::failed;
  // How far it came, whatever it ended with.
  enum class Reached {
    nothing,    // no connection, or not tried
    connected,  // no greeting, or none that lets anybody in
    greeted,    // no STARTTLS
    tls,        // the TLS handshake had begun
  } reached = Reached::nothing;
  // For `none` the alert, or how it was closed. When presented empty, or what the session behind the handshake ended
  // with.
  std::string why;
  // Failed since the time for the address was over, which says nothing about the server.
  bool out_of_time = false;
  // The server says that it will not serve this host just now (RFC 5321 section 4.2.1: a reply 4yz). Failed, it says
  // nothing about its certificates; presented, it was the session behind the handshake that was refused.
  bool refused_for_now = false;
  std::string own_address;  // of this host, by which the server knows it: "192.0.2.9"; empty without a connection
  // Failed since the server closed the connection in the TLS handshake, without an alert.
  bool closed = false;
  Chain chain;           // end entity first, as sent; empty unless presented
  std::string protocol;  // "TLSv1.3"; empty unless presented
};

// One address of one probe.
struct ProbedAddress {
  std::string address;  // "192.0.2.25", "2001:db8::25"; empty when the host's addresses could not be found
  enum class Kind {
    probed,    // `handshakes` has all four, or by a sparing probe the two with SNI
    left_out,  // no route for its family on this host, and another address of the host was probed: `why`
    failed,    // `why`: the addresses of the host (or those of one family) could not be found, there are none, or no
               // route leads to one
  };
  Kind kind = Kind::failed;
  std::string why;
  std::vector<Handshake> handshakes;
};

struct ProbeResult {
  ProbeUrl url;
  std::vector<ProbedAddress> addresses;  // never empty
};

}  // namespace danectl
