#include "system/probe/starttls_dialogue.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace danectl;

namespace {

using Next = StarttlsDialogue::Step::Next;

struct Talk {
  std::string said;  // all commands
  Next end = Next::read;
  std::string why;
  bool greeted = false;
};

// What the server sends, a piece after each command of ours.
Talk talk(const std::string& scheme, const std::vector<std::string>& pieces) {
  const auto dialogue = starttls_dialogue(scheme, "mx.example.com");
  Talk talk;
  for (const std::string& piece : pieces) {
    auto step = dialogue->take(piece);
    while (step.next == Next::send) {
      talk.said += step.text;
      step = dialogue->take({});
    }
    talk.end = step.next;
    talk.why = step.text;
    talk.greeted = dialogue->greeted();
    if (step.next != Next::read) break;
  }
  return talk;
}

std::string one_octet_at_a_time(const std::string& scheme, const std::string& all) {
  std::vector<std::string> pieces;
  for (const char c : all) pieces.emplace_back(1, c);
  const Talk result = talk(scheme, pieces);
  return result.end == Next::begin_tls ? result.said : "not TLS: " + result.why;
}

std::string refusal(const std::string& scheme, const std::vector<std::string>& pieces) {
  const Talk result = talk(scheme, pieces);
  CHECK(result.end == Next::give_up);
  return result.why;
}

const std::string smtp_said = "EHLO mx.example.com\r\nSTARTTLS\r\n";

}  // namespace

TEST_CASE("good servers are brought to TLS") {
  struct Server {
    const char* scheme;
    std::vector<std::string> pieces;
    std::string said;
  };
  const std::string imap_said = "a CAPABILITY\r\nb STARTTLS\r\n";
  const std::string pop3_said = "CAPA\r\nSTLS\r\n";
  const std::vector<Server> servers{
      {"smtp", {"220 mx ESMTP\r\n", "250-mx\r\n250-SIZE 1\r\n250 STARTTLS\r\n", "220 go\r\n"}, smtp_said},
      {"submission",
       {"220-mx\r\n220-no spam\r\n220 please\r\n", "250-mx\r\n250-starttls\r\n250 HELP\r\n", "220\r\n"},
       smtp_said},
      {"smtp", {"220 mx\n", "250-mx\n250 STARTTLS\n", "220-a\n220 b\n"}, smtp_said},
      {"imap", {"* OK hi\r\n", "* CAPABILITY IMAP4rev1 STARTTLS\r\na OK done\r\n", "b OK go\r\n"}, imap_said},
      {"imap", {"* ok hi\r\n", "* OK x\r\n* capability starttls A\r\nA OK\r\n"}, "a CAPABILITY\r\n"},
      {"pop3", {"+OK hi\r\n", "+OK\r\nUSER\r\nSTLS\r\n.\r\n", "+OK go\r\n"}, pop3_said},
      {"pop3", {"+OK hi\r\n", "-ERR what?\r\n", "+OK go\r\n"}, pop3_said},
  };
  for (const Server& server : servers) {
    const Talk result = talk(server.scheme, server.pieces);
    INFO(server.scheme << " " << server.pieces[0] << result.why);
    CHECK(result.said == server.said);
    // A tag has the case in which it was sent.
    CHECK((result.end == Next::begin_tls) == (server.pieces.size() == 3));
  }
}

TEST_CASE("it does not matter how the octets are cut") {
  CHECK(one_octet_at_a_time("smtp", "220-a\r\n220 b\r\n250-mx\r\n250 STARTTLS\r\n220 go\r\n") == smtp_said);
  CHECK(one_octet_at_a_time("imap", "* OK\r\n* CAPABILITY STARTTLS\r\na OK\r\nb OK\r\n") ==
        "a CAPABILITY\r\nb STARTTLS\r\n");
  CHECK(one_octet_at_a_time("pop3", "+OK\r\n+OK\r\nSTLS\r\n.\r\n+OK\r\n") == "CAPA\r\nSTLS\r\n");
}

TEST_CASE("a server of SMTP that does not come to TLS is quoted") {
  CHECK(refusal("smtp", {"554 No service\r\n"}) == "the greeting is 554 No service");
  CHECK(refusal("smtp", {"220 mx\r\n", "502 what?\r\n"}) == "EHLO is refused: 502 what?");
  CHECK(refusal("smtp", {"220 mx\r\n", "250-mx\r\n250 SIZE\r\n"}) == "STARTTLS is not offered");
  CHECK(refusal("smtp", {"220 mx\r\n", "250-mx\r\n250 STARTTLS\r\n", "454 not now\r\n"}) ==
        "STARTTLS is refused: 454 not now");
  CHECK(refusal("smtp", {"* OK IMAP\r\n"}) == "the greeting is no reply of SMTP: * OK IMAP");
  CHECK(refusal("smtp", {"220-a\r\n250 b\r\n"}) == "the greeting is no reply of SMTP: 250 b");
}

TEST_CASE("a reply 4yz of SMTP refuses for now, one 5yz for good") {
  const auto for_now = [](const std::vector<std::string>& pieces) {
    const auto dialogue = starttls_dialogue("smtp", "mx.example.com");
    StarttlsDialogue::Step step;
    for (const std::string& piece : pieces) {
      step = dialogue->take(piece);
      while (step.next == Next::send) step = dialogue->take({});
    }
    CHECK(step.next == Next::give_up);
    return step.for_now;
  };
  CHECK(for_now({"421 4.7.0 too many connections\r\n"}));
  CHECK(for_now({"220 mx\r\n", "450-wait\r\n450 come back\r\n"}));
  CHECK(for_now({"220 mx\r\n", "250-mx\r\n250 STARTTLS\r\n", "454 4.7.0 too many new TLS sessions\r\n"}));
  CHECK_FALSE(for_now({"554 no\r\n"}));
  CHECK_FALSE(for_now({"220 mx\r\n", "250 mx\r\n"}));
  CHECK_FALSE(for_now({"220 mx\r\n", "250-mx\r\n250 STARTTLS\r\n", "502 no\r\n"}));
  CHECK_FALSE(for_now({"4 is no reply\r\n"}));
}

TEST_CASE("a server has greeted once it has answered what comes after the greeting") {
  const std::vector<std::pair<const char*, std::vector<std::string>>> greeted{
      {"smtp", {"220 mx\r\n", "250-mx\r\n250 SIZE\r\n"}},
      {"smtp", {"220 mx\r\n", "250-mx\r\n250 STARTTLS\r\n"}},
      {"smtp", {"220 mx\r\n", "250-mx\r\n250 STARTTLS\r\n", "454 not now\r\n"}},
      {"imap", {"* OK\r\n", "* CAPABILITY IMAP4\r\na OK\r\n"}},
      {"imap", {"* OK\r\n", "* CAPABILITY STARTTLS\r\na OK\r\n", "b NO\r\n"}},
      {"pop3", {"+OK\r\n", "+OK\r\nUSER\r\n.\r\n"}},
      {"pop3", {"+OK\r\n", "-ERR\r\n", "-ERR no\r\n"}},
  };
  for (const auto& [scheme, pieces] : greeted) CHECK(talk(scheme, pieces).greeted);
  const std::vector<std::pair<const char*, std::vector<std::string>>> not_greeted{
      {"smtp", {"554 No service\r\n"}},
      {"smtp", {"220 mx\r\n"}},
      {"smtp", {"220 mx\r\n", "502 what?\r\n"}},
      {"imap", {"* BYE busy\r\n"}},
      {"imap", {"* OK\r\n", "* BYE\r\n"}},
      {"imap", {"* OK\r\n", "a BAD no\r\n"}},
      {"pop3", {"-ERR busy\r\n"}},
      {"pop3", {"+OK\r\n"}},
  };
  for (const auto& [scheme, pieces] : not_greeted) CHECK_FALSE(talk(scheme, pieces).greeted);
}

TEST_CASE("the first line of the answer to EHLO offers nothing, as it is the name of the server") {
  CHECK(refusal("smtp", {"220 mx\r\n", "250 STARTTLS\r\n"}) == "STARTTLS is not offered");
}

TEST_CASE("a server of IMAP that does not come to TLS is quoted") {
  CHECK(refusal("imap", {"* BYE busy\r\n"}) == "the greeting is * BYE busy");
  CHECK(refusal("imap", {"* PREAUTH hi\r\n"}) == "the greeting is * PREAUTH hi");
  CHECK(refusal("imap", {"* OK\r\n", "* BYE\r\n"}) == "it ends the session: * BYE");
  CHECK(refusal("imap", {"* OK\r\n", "a BAD no\r\n"}) == "CAPABILITY is refused: a BAD no");
  CHECK(refusal("imap", {"* OK\r\n", "* CAPABILITY IMAP4\r\na OK\r\n"}) == "STARTTLS is not offered");
  CHECK(refusal("imap", {"* OK\r\n", "* CAPABILITY STARTTLS\r\na OK\r\n", "b NO\r\n"}) == "STARTTLS is refused: b NO");
  CHECK(refusal("imap", {"* OK\r\n", "c OK\r\n"}) == "the answer to CAPABILITY is no reply of IMAP: c OK");
}

TEST_CASE("a server of POP3 that does not come to TLS is quoted") {
  CHECK(refusal("pop3", {"-ERR busy\r\n"}) == "the greeting is -ERR busy");
  CHECK(refusal("pop3", {"+OK\r\n", "+OK\r\nUSER\r\n.\r\n"}) == "STLS is not offered");
  CHECK(refusal("pop3", {"+OK\r\n", "-ERR\r\n", "-ERR no\r\n"}) == "STLS is refused: -ERR no");
  CHECK(refusal("pop3", {"+OK\r\n", "what\r\n"}) == "the answer to CAPA is no reply of POP3: what");
}

TEST_CASE("plain text behind the go-ahead is never taken for TLS") {
  const std::string why = "plain text came right behind the go-ahead for TLS: it may have been put there on the way";
  CHECK(refusal("smtp", {"220 mx\r\n", "250-mx\r\n250 STARTTLS\r\n", "220 go\r\n250 injected\r\n"}) == why);
  CHECK(refusal("imap", {"* OK\r\n", "* CAPABILITY STARTTLS\r\na OK\r\n", "b OK\r\nx"}) == why);
  CHECK(refusal("pop3", {"+OK\r\n", "-ERR\r\n", "+OK\r\n\r\n"}) == why);
}

TEST_CASE("neither a line without end nor lines without end are taken") {
  CHECK(refusal("smtp", {std::string(9000, '2')}) == "the greeting has a line of more than 8192 octets");
  CHECK(refusal("smtp", {"220-" + std::string(9000, 'x') + "\r\n"}) ==
        "the greeting has a line of more than 8192 octets");
  std::string endless;
  for (int i = 0; i < 201; ++i) endless += "220-wait\r\n";
  CHECK(refusal("smtp", {endless}) == "it sent more than 200 lines of plain text");
}

TEST_CASE("what a server says cannot reach the terminal as it is") {
  CHECK(refusal("smtp", {"554 \x1b[2J\xc3\xa4\r\n"}) == "the greeting is 554 ?[2J??");
  CHECK(refusal("smtp", {"554 " + std::string(500, 'x') + "\r\n"}).size() < 150);
}

TEST_CASE("schemes with TLS from the start need no dialogue") {
  for (const char* scheme : {"smtps", "imaps", "pop3s", "tls"}) CHECK(starttls_dialogue(scheme, "mx") == nullptr);
  CHECK(farewell_of("tls").empty());
  CHECK(farewell_of("imaps") == "z LOGOUT\r\n");
  CHECK(farewell_of("pop3") == "QUIT\r\n");
}
