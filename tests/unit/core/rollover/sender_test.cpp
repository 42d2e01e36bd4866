#include "core/rollover/sender.hpp"

#include "fakes/looks.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

const Sender knows_all;
const Sender no_sha512{Sender::Knows::no_sha512, {}};
const Sender no_anchors{Sender::Knows::no_anchors, {}};

Sender knowing(const std::string& group) {
  return {Sender::Knows::one_line, Group::parse(group).value()};
}

Association of(const std::string& group, char digit = 'a') {
  return record(group + " " + std::string(group.back() == '2' ? 128 : 64, digit));
}

}  // namespace

TEST_CASE(
    "A lineage has a sender that knows all, one without SHA-512, one for each line, one that wants anchors sent") {
  CHECK(senders_of({}) == std::vector<Sender>{knows_all, no_sha512, no_anchors});
  CHECK(senders_of({{3, 1, 1}, {2, 1, 2}}) ==
        std::vector<Sender>{knows_all, no_sha512, knowing("3 1 1"), knowing("2 1 2"), no_anchors});
}

TEST_CASE("Of several digests for one usage and selector a sender goes by the strongest that it knows") {
  const RRset rrset{of("3 1 1"), of("3 1 2", 'b')};
  CHECK(used_by(knows_all, rrset) == RRset{of("3 1 2", 'b')});
  CHECK(used_by(no_sha512, rrset) == RRset{of("3 1 1")});
  CHECK(used_by(knowing("3 1 1"), rrset) == RRset{of("3 1 1")});
  CHECK(used_by(knowing("3 1 2"), rrset) == RRset{of("3 1 2", 'b')});
}

TEST_CASE("A stronger digest hides none of another usage or selector") {
  const RRset rrset{of("2 1 1"), of("3 0 1"), of("3 1 2")};
  CHECK(used_by(knows_all, rrset) == rrset);
  CHECK(used_by(no_sha512, rrset) == RRset{of("2 1 1"), of("3 0 1")});
}

TEST_CASE("A whole key hides no digest of it, nor a digest the key") {
  const RRset rrset{Association{{3, 1, 0}, "00aa"}, of("3 1 1")};
  CHECK(used_by(no_sha512, rrset).size() >= 1);
  CHECK(contains(used_by(no_sha512, rrset), of("3 1 1")));
}

TEST_CASE("What SMTP cannot use, and what has not its length, counts for nobody and hides nothing") {
  const RRset rrset{of("1 1 1"), of("0 1 2"), of("3 1 1"), Association{{3, 1, 2}, "ee"}, Association{{3, 1, 9}, "ee"}};
  for (const Sender& sender : senders_of({{3, 1, 1}})) CHECK(used_by(sender, rrset) == RRset{of("3 1 1")});
}

TEST_CASE("A sender that knows one line alone finds nothing where that is not") {
  CHECK(used_by(knowing("3 1 2"), {of("3 1 1")}).empty());
  CHECK(used_by(knows_all, {}).empty());
}

TEST_CASE("A sender is called by what it knows") {
  CHECK(knows_all.text() == "a sender that knows every digest");
  CHECK(no_sha512.text() == "a sender that does not know SHA-512");
  CHECK(no_anchors.text() == "a sender that takes no certificate out of a TLSA record");
  CHECK(knowing("3 1 2").text() == "a sender that knows 3 1 2 alone");
}
