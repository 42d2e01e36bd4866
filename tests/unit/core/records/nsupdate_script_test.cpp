#include "core/records/nsupdate_script.hpp"

#include "fakes/looks.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

TEST_CASE("An addition is made only where the RRset is as it was seen, or nothing stands there") {
  const std::string a(64, 'a');
  const std::string b(64, 'b');
  const RRsetAddress address{"192.0.2.1 5353", name("example.com"), test_owner()};
  CHECK(add_script(address, Seconds{60}, {}, {record_of('a')}) ==
        "server 192.0.2.1 5353\nzone example.com.\nprereq nxrrset _25._tcp.mx.example.com. IN TLSA\n"
        "update add _25._tcp.mx.example.com. 60 IN TLSA 3 1 1 " +
            a + "\nsend\n");
  CHECK(add_script(address, Seconds{60}, {record_of('b')}, {record_of('a')}) ==
        "server 192.0.2.1 5353\nzone example.com.\nprereq yxrrset _25._tcp.mx.example.com. IN TLSA 3 1 1 " + b +
            "\nupdate add _25._tcp.mx.example.com. 60 IN TLSA 3 1 1 " + a + "\nsend\n");
}

TEST_CASE("A deletion has the whole RRset as its prerequisite and deletes record by record") {
  const std::string a(64, 'a');
  const std::string b(64, 'b');
  CHECK(remove_script({"", std::nullopt, test_owner()}, {record_of('a'), record_of('b')}, {record_of('a')}) ==
        "prereq yxrrset _25._tcp.mx.example.com. IN TLSA 3 1 1 " + a +
            "\nprereq yxrrset _25._tcp.mx.example.com. IN TLSA 3 1 1 " + b +
            "\nupdate delete _25._tcp.mx.example.com. IN TLSA 3 1 1 " + a + "\nsend\n");
}

TEST_CASE("For a server that does not know TLSA the records are of an unknown type, prerequisites too") {
  const RRsetAddress address{"", std::nullopt, test_owner(), RecordForm::rfc3597};
  const std::string a = "_25._tcp.mx.example.com. IN TYPE52 \\# 35 030101" + std::string(64, 'a') + "\n";
  CHECK(add_script(address, Seconds{60}, {}, {record_of('a')}) ==
        "prereq nxrrset _25._tcp.mx.example.com. IN TYPE52\nupdate add _25._tcp.mx.example.com. 60 IN TYPE52 \\# 35 "
        "030101" +
            std::string(64, 'a') + "\nsend\n");
  CHECK(remove_script(address, {record_of('a')}, {record_of('a')}) ==
        "prereq yxrrset " + a + "update delete " + a + "send\n");
}
