#include "core/rollover/chain_view.hpp"

#include "core/keys/dane_verify.hpp"
#include "core/keys/pem_blocks.hpp"
#include "core/keys/usable.hpp"
#include "fakes/looks.hpp"
#include "fakes/test_ca.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace danectl;

namespace {

const WallTime now = at(0).wall;
constexpr std::chrono::hours a_day{24};
const Sender knows_all;
const Sender no_sha512{Sender::Knows::no_sha512, {}};

const TestCa& ca() {
  static const TestCa made;
  return made;
}

Chain issue(const std::string& host = "mx.example.com", const std::string& key = test_key()) {
  return parse_chain(ca().issue({host}, key, now - a_day, now + 89 * a_day)).value();
}

ChainView view_of(const Chain& chain, const std::vector<std::string>& hosts = {"mx.example.com"}) {
  return {"the chain", KnownChain{shared(chain)}, hosts, senders_of({})};
}

ChainView expected(const KeyId& key, const Chain& like) {
  return {"the chain", ExpectedChain{key, shared(like)}, {"mx.example.com"}, senders_of({})};
}

Association of(const KeyId& key, const std::string& group) {
  return association_of(key, Group::parse(group).value());
}

// Of the whole certificate.
Association whole(const Chain& chain) {
  return {{3, 0, 1}, chain.leaf().fingerprint};
}

bool by_openssl(const Chain& chain, const RRset& used) {
  return used.empty() || dane_verify(chain, used, {"mx.example.com"}, now).ok();
}

}  // namespace

TEST_CASE("The short cut for keys says what OpenSSL says, over all small sets of records") {
  const Chain chain = issue();
  const Chain other = issue();
  const KeyId& key = chain.leaf().key;
  const KeyId& strange = other.leaf().key;
  const std::vector<Association> all{of(key, "3 1 1"),
                                     of(key, "3 1 2"),
                                     of(strange, "3 1 1"),
                                     of(strange, "3 1 2"),
                                     of(chain.certificates[1].key, "2 1 1"),
                                     of(strange, "2 1 2"),
                                     of(strange, "2 1 1"),
                                     Association{{3, 1, 1}, "abcd"},
                                     of(key, "1 1 1"),
                                     of(strange, "3 0 1")};
  int asked = 0;
  for (unsigned set = 0; set < (1U << all.size()); ++set) {
    RRset rrset;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if ((set >> i & 1U) != 0) rrset.push_back(all[i]);
    }
    if (rrset.size() > 4) continue;
    std::sort(rrset.begin(), rrset.end());
    for (const Sender& sender : senders_of({{3, 1, 1}, {3, 1, 2}, {2, 1, 1}})) {
      ++asked;
      if (passes(view_of(chain), rrset, sender, now) == by_openssl(chain, used_by(sender, rrset))) continue;
      std::string text;
      for (const Association& one : rrset) text += one.text() + "\n";
      FAIL(sender.text() << " at\n" << text);
    }
  }
  CHECK(asked > 1000);
}

TEST_CASE("A whole issuer in DNS need not be sent, but for senders that take none out of it") {
  const Chain chain = issue();
  const Chain leaf_alone{{chain.leaf()}};
  const RRset in_dns{{{2, 0, 0}, to_hex(read_pem_blocks(chain.certificates[1].pem)->front().der)}};
  const Sender no_anchors{Sender::Knows::no_anchors, {}};
  CHECK(passes(view_of(leaf_alone), in_dns, knows_all, now));
  CHECK_FALSE(passes(view_of(leaf_alone), in_dns, no_anchors, now));
  CHECK(passes(view_of(chain), in_dns, no_anchors, now));
}

TEST_CASE("Where a sender can use nothing it does not check, and every chain passes") {
  const Chain chain = issue();
  CHECK(passes(view_of(chain), {}, knows_all, now));
  const RRset sha512{of(issue().leaf().key, "3 1 2")};
  CHECK_FALSE(passes(view_of(chain), sha512, knows_all, now));
  CHECK(passes(view_of(chain), sha512, no_sha512, now));
  CHECK_FALSE(checks(no_sha512, sha512));
  CHECK(checks(knows_all, sha512));
}

TEST_CASE("By the record of its key a chain passes whatever its names and dates, by its issuer's not") {
  const Chain chain = issue("www.example.com");
  const RRset by_key{of(chain.leaf().key, "3 1 1")};
  const RRset by_issuer{of(chain.certificates[1].key, "2 1 1")};
  CHECK(passes(view_of(chain), by_key, knows_all, now + 900 * a_day));
  CHECK_FALSE(passes(view_of(chain), by_issuer, knows_all, now));
  CHECK(passes(view_of(chain, {"www.example.com"}), by_issuer, knows_all, now));
  CHECK_FALSE(passes(view_of(chain, {"www.example.com"}), by_issuer, knows_all, now + 900 * a_day));
}

TEST_CASE("For a change of DNS a chain is taken as within its dates") {
  const Chain chain = issue();
  const RRset by_issuer{of(chain.certificates[1].key, "2 1 1")};
  CHECK_FALSE(passes(view_of(chain), by_issuer, knows_all, now + 90 * a_day));
  CHECK(passes(view_of(chain), by_issuer, knows_all, std::nullopt));
}

TEST_CASE("Each host counts by itself, where an issuer is named") {
  const Chain chain = issue();
  const RRset by_issuer{of(chain.certificates[1].key, "2 1 1")};
  CHECK_FALSE(passes(view_of(chain, {"mx.example.com", "mail.example.com"}), by_issuer, knows_all, now));
  CHECK_FALSE(passes(view_of(chain, {}), by_issuer, knows_all, now));
  CHECK(passes(view_of(chain, {}), {of(chain.leaf().key, "3 1 1")}, knows_all, now));
}

TEST_CASE("A chain to come passes by its key, and by the issuers of the deployed one, dates aside") {
  const KeyId next = issue().leaf().key;
  const Chain deployed = issue();
  const ChainView view = expected(next, deployed);
  const RRset by_issuer{of(deployed.certificates[1].key, "2 1 1")};
  CHECK(passes(view, {of(next, "3 1 1")}, knows_all, now));
  CHECK_FALSE(passes(view, {of(deployed.leaf().key, "3 1 1")}, knows_all, now));
  CHECK(passes(view, by_issuer, knows_all, now));
  CHECK(passes(view, by_issuer, knows_all, now + 900 * a_day));
  // The record of the deployed key beside the issuer's: a client is content with either (RFC 7671 section 8).
  CHECK(passes(view, {by_issuer.front(), of(deployed.leaf().key, "3 1 1")}, knows_all, now));
}

TEST_CASE("Of the whole certificate of a chain to come nothing is known, so that it does not pass by that") {
  const Chain deployed = issue();
  CHECK(passes(view_of(deployed), {whole(deployed)}, knows_all, now));
  CHECK_FALSE(passes(expected(deployed.leaf().key, deployed), {whole(deployed)}, knows_all, now));
}

TEST_CASE("What nobody here knows passes by its own record alone, and by nothing that hides it") {
  const Association record_of_others = of(issue().leaf().key, "3 1 1");
  const ChainView others{"the servers of others", OnlyMatches{record_of_others}, {}, senders_of({})};
  const RRset both{record_of_others, of(issue().leaf().key, "3 1 1")};
  CHECK(passes(others, both, knows_all, std::nullopt));
  CHECK(passes(others, {}, knows_all, std::nullopt));
  CHECK_FALSE(passes(others, {both.back()}, knows_all, std::nullopt));
  const RRset hidden{record_of_others, of(issue().leaf().key, "3 1 2")};
  CHECK_FALSE(passes(others, hidden, knows_all, std::nullopt));
  CHECK(passes(others, hidden, no_sha512, std::nullopt));
}

TEST_CASE("A host that the certificate is not for is named where a record names an issuer, and only there") {
  const Chain chain = issue("*.example.com");
  const RRset by_issuer{of(chain.certificates[1].key, "2 1 1")};
  CHECK_FALSE(unnamed_host(view_of(chain), by_issuer, knows_all));
  CHECK(unnamed_host(view_of(chain, {"mx.example.com", "a.mx.example.com"}), by_issuer, knows_all) ==
        "a.mx.example.com");
  CHECK_FALSE(unnamed_host(view_of(chain, {"a.mx.example.com"}), {of(chain.leaf().key, "3 1 1")}, knows_all));
}
