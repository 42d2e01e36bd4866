#include "core/keys/dane_verify.hpp"

#include "core/keys/pem_blocks.hpp"
#include "core/keys/public_key.hpp"
#include "core/keys/usable.hpp"
#include "fakes/test_ca.hpp"

#include <catch2/catch.hpp>

using namespace danectl;
using namespace std::chrono;

namespace {

const WallTime begin = sys_days{2026y / March / 1};
const WallTime now = sys_days{2026y / April / 1};
const WallTime end = sys_days{2026y / May / 30};
const std::vector<std::string> names{"mx.example.com"};

Chain chain_of(const std::string& pem) {
  auto chain = parse_chain(pem);
  if (!chain) FAIL(chain.error().what);
  return *chain;
}

Association spki(std::uint8_t usage, std::uint8_t mtype, const Certificate& certificate) {
  return {{usage, 1, mtype}, mtype == 2 ? certificate.key.sha512 : certificate.key.sha256};
}

Association whole(std::uint8_t usage, const Certificate& certificate) {
  return {{usage, 0, 0}, to_hex(read_pem_blocks(certificate.pem)->front().der)};
}

Association whole_spki(std::uint8_t usage, const Certificate& certificate) {
  const auto blocks = read_pem_blocks(certificate.pem);
  const auto x509 = from_der<X509Ptr>(d2i_X509, blocks->front().der);
  return {{usage, 1, 0}, to_hex(to_der(i2d_X509_PUBKEY, X509_get_X509_PUBKEY(x509.get())))};
}

Association stale(std::uint8_t usage, std::uint8_t mtype) {
  return {{usage, 1, mtype}, std::string(mtype == 2 ? 128 : 64, 'a')};
}

std::string refusal(const Result<DaneMatch>& result) {
  REQUIRE_FALSE(result.ok());
  return result.error().what;
}

struct Case {
  TestCa ca;
  std::string key = test_key();
  Chain chain = chain_of(ca.issue({"mx.example.com", "*.mail.example"}, key, begin, end));
  Chain with_root = chain_of(chain.pem() + ca.root_pem());
  const Certificate& leaf = chain.certificates[0];
  const Certificate& intermediate = chain.certificates[1];
  const Certificate& root = with_root.certificates[2];
};

}  // namespace

TEST_CASE_METHOD(Case, "the key of the leaf matches by either digest and as a whole") {
  for (const Association& record : {spki(3, 1, leaf), spki(3, 2, leaf), Association{{3, 0, 1}, leaf.fingerprint},
                                    whole(3, leaf), whole_spki(3, leaf)}) {
    CAPTURE(record.group.text());
    const auto match = dane_verify(chain, {stale(3, 1), record}, names, now);
    REQUIRE(match.ok());
    CHECK(match->depth == 0);
    CHECK(match->association == record);
  }
}

TEST_CASE_METHOD(Case, "another key does not match") {
  CHECK(refusal(dane_verify(chain, {stale(3, 1)}, names, now)) == "no usable TLSA record matches the chain");
  CHECK(refusal(dane_verify(chain, {spki(3, 1, intermediate)}, names, now)) ==
        "no usable TLSA record matches the chain");
}

TEST_CASE_METHOD(Case, "names and dates do not count for DANE-EE") {
  const RRset rrset{spki(3, 1, leaf)};
  CHECK(dane_verify(chain, rrset, {"other.example"}, now).ok());
  CHECK(dane_verify(chain, rrset, {}, now).ok());
  CHECK(dane_verify(chain, rrset, names, end + hours{24}).ok());
  CHECK(dane_verify(chain, rrset, names, begin - hours{24}).ok());
  CHECK(dane_verify(Chain{{leaf}}, rrset, names, now).ok());
}

TEST_CASE_METHOD(Case, "a trust anchor in the chain matches") {
  const auto by_intermediate = dane_verify(chain, {spki(2, 1, intermediate)}, names, now);
  REQUIRE(by_intermediate.ok());
  CHECK(by_intermediate->depth == 1);
  for (const Association& record :
       {spki(2, 2, root), Association{{2, 0, 1}, root.fingerprint}, whole(2, root), whole_spki(2, root)}) {
    CAPTURE(record.group.text());
    const auto by_root = dane_verify(with_root, {record}, names, now);
    REQUIRE(by_root.ok());
    CHECK(by_root->depth == 2);
    CHECK(by_root->association == record);
  }
}

TEST_CASE_METHOD(Case, "a trust anchor that was not sent does not match") {
  CHECK(refusal(dane_verify(chain, {spki(2, 1, root)}, names, now)) == "no usable TLSA record matches the chain");
  // Here OpenSSL finds the key in the record itself.
  CHECK(refusal(dane_verify(chain, {whole_spki(2, root)}, names, now)) ==
        "the chain is without the trust anchor of the record " + whole_spki(2, root).text());
  for (const Association& record : {spki(2, 1, intermediate), whole_spki(2, intermediate)}) {
    CHECK_FALSE(dane_verify(Chain{{leaf}}, {record}, names, now).ok());
  }
}

TEST_CASE_METHOD(Case, "a trust anchor that DNS holds whole need not be sent, whatever is beside it") {
  CHECK(dane_verify(chain, {whole(2, root)}, names, now).value().association == whole(2, root));
  CHECK(dane_verify(Chain{{leaf}}, {whole(2, intermediate)}, names, now).ok());
  CHECK(dane_verify(chain, {whole(2, root), spki(3, 1, intermediate)}, names, now).ok());
  CHECK_FALSE(dane_verify(chain, {whole(2, root)}, {"other.example"}, now).ok());
  for (const Association& record :
       {spki(2, 1, root), Association{{2, 0, 1}, root.fingerprint}, whole_spki(2, root), stale(2, 1), stale(2, 2)}) {
    CAPTURE(record.group.text());
    const RRset rrset{whole(2, root), record};
    CHECK(dane_verify(chain, rrset, names, now).ok());
    CHECK(dane_verify(with_root, rrset, names, now).ok());
    CHECK_FALSE(dane_verify(chain, rrset, names, now, std::nullopt, Anchor::sent).ok());
    CHECK(dane_verify(with_root, rrset, names, now, std::nullopt, Anchor::sent).ok());
  }
  CHECK_FALSE(dane_verify(chain, {whole(2, root)}, names, now, std::nullopt, Anchor::sent).ok());
  CHECK(dane_verify(with_root, {whole(2, root)}, names, now, std::nullopt, Anchor::sent).ok());
}

TEST_CASE_METHOD(Case, "another trust anchor in DNS helps a chain nothing") {
  for (const Association& record : {spki(2, 1, root), whole_spki(2, root)}) {
    CHECK_FALSE(dane_verify(chain, {whole(2, leaf), record}, names, now).ok());
    CHECK_FALSE(dane_verify(chain, {whole(2, root), record}, {"other.example"}, now).ok());
  }
}

TEST_CASE_METHOD(Case, "the leaf is no trust anchor of itself") {
  CHECK_FALSE(dane_verify(chain, {spki(2, 1, leaf)}, names, now).ok());
}

TEST_CASE_METHOD(Case, "names count for a trust anchor") {
  const RRset rrset{spki(2, 1, intermediate)};
  CHECK(refusal(dane_verify(chain, rrset, {"other.example", "example.com"}, now)) ==
        "the certificate is not for other.example or example.com");
  CHECK(dane_verify(chain, rrset, {"other.example", "MX.example.com."}, now).ok());
  CHECK(dane_verify(chain, rrset, {"mx1.mail.example"}, now).ok());
}

TEST_CASE_METHOD(Case, "without a name a trust anchor proves nothing") {
  const RRset rrset{spki(2, 1, intermediate)};
  const auto no_names = GENERATE(as<std::vector<std::string>>{}, std::vector<std::string>{},
                                 std::vector<std::string>{""}, std::vector<std::string>{".example.com"});
  CHECK(refusal(dane_verify(chain, rrset, no_names, now)) == "usage 2 needs a name to check the certificate for");
}

TEST_CASE_METHOD(Case, "dates count for a trust anchor, at the time given") {
  const RRset rrset{spki(2, 1, intermediate)};
  CHECK(refusal(dane_verify(chain, rrset, names, end + hours{24})) ==
        "certificate 1 of the chain: certificate has expired");
  // Newer releases of OpenSSL go on: "or the system clock is incorrect".
  CHECK(refusal(dane_verify(chain, rrset, names, begin - hours{24}))
            .starts_with("certificate 1 of the chain: certificate is not yet valid"));
  CHECK(dane_verify(chain, rrset, names, end - hours{1}).ok());
}

TEST_CASE_METHOD(Case, "a new intermediate fails the record of the old one") {
  ca.replace_intermediate();
  const Chain renewed = chain_of(ca.issue(names, key, begin, end));
  CHECK_FALSE(dane_verify(renewed, {spki(2, 1, intermediate)}, names, now).ok());
  CHECK(dane_verify(renewed, {spki(3, 1, leaf)}, names, now).ok());
  CHECK(dane_verify(renewed, {spki(2, 1, intermediate), spki(3, 1, leaf)}, names, now).value().depth == 0);
}

TEST_CASE_METHOD(Case, "a chain is not believed for a signature that is wrong") {
  const TestCa impostor;
  const Chain forged = chain_of(impostor.issue(names, key, begin, end));
  const Chain mixed = chain_of(forged.leaf_pem() + chain.issuers_pem());
  CHECK_FALSE(dane_verify(mixed, {spki(2, 1, intermediate)}, names, now).ok());
}

TEST_CASE_METHOD(Case, "a stale stronger digest hides a good weaker one in the whole RRset alone") {
  const RRset rrset{spki(3, 1, leaf), stale(3, 2)};
  CHECK_FALSE(dane_verify(chain, rrset, names, now).ok());
  const auto groups = dane_verify_groups(chain, rrset, names, now);
  REQUIRE(groups.size() == 2);
  CHECK(groups.at({3, 1, 1}).ok());
  CHECK_FALSE(groups.at({3, 1, 2}).ok());
}

TEST_CASE_METHOD(Case, "an RRset without a usable record is never a success") {
  const std::string none = "no TLSA record is usable: none of usage 2 or 3 with a digest of the right length";
  CHECK(refusal(dane_verify(chain, {}, names, now)) == "there is no TLSA record");
  CHECK(refusal(dane_verify(chain, {spki(0, 1, intermediate), spki(1, 1, leaf)}, names, now)) == none);
  CHECK(refusal(dane_verify(chain, {{{3, 1, 1}, "abcd"}, {{3, 1, 0}, "00"}, {{3, 2, 1}, leaf.key.sha256}}, names,
                            now)) == none);
  CHECK(dane_verify_groups(chain, {spki(1, 1, leaf)}, names, now).empty());
  CHECK(refusal(dane_verify(Chain{}, {spki(3, 1, leaf)}, names, now)) == "the chain is empty");
  CHECK_FALSE(dane_verify_groups(Chain{}, {spki(3, 1, leaf)}, names, now).at({3, 1, 1}).ok());
}

TEST_CASE_METHOD(Case, "a self-signed leaf matches by its own key") {
  const Chain own = chain_of(self_signed(key, {"anything.example"}));
  CHECK(dane_verify(own, {spki(3, 1, leaf)}, names, now).ok());
  CHECK_FALSE(dane_verify(own, {stale(3, 1)}, names, now).ok());
}

TEST_CASE_METHOD(Case, "usable is usage 2 or 3, a known selector and data that can be what it says") {
  CHECK(usable(spki(3, 1, leaf)));
  CHECK(usable(spki(2, 2, leaf)));
  CHECK(usable(whole(3, leaf)));
  CHECK(usable(whole_spki(2, leaf)));
  CHECK_FALSE(usable(spki(0, 1, leaf)));
  CHECK_FALSE(usable(spki(1, 1, leaf)));
  CHECK_FALSE(usable(spki(4, 1, leaf)));
  CHECK_FALSE(usable({{3, 2, 1}, leaf.key.sha256}));
  CHECK_FALSE(usable({{3, 1, 3}, leaf.key.sha256}));
  CHECK_FALSE(usable({{3, 1, 2}, leaf.key.sha256}));
  CHECK_FALSE(usable({{3, 1, 1}, ""}));
  CHECK_FALSE(usable({{3, 1, 1}, "xyz"}));
  CHECK_FALSE(usable({{3, 0, 0}, whole_spki(3, leaf).hex}));
  CHECK_FALSE(usable({{3, 1, 0}, whole(3, leaf).hex}));
  CHECK_FALSE(usable({{3, 1, 0}, whole_spki(3, leaf).hex + "00"}));
}

namespace {

std::optional<TrustStore> trusting(const std::string& pem) {
  std::optional<TrustStore> store(std::in_place);
  REQUIRE(store->add(pem).ok());
  return store;
}

}  // namespace

TEST_CASE_METHOD(Case, "with PKIX a record of usage 0 or 1 matches where a path leads to a CA") {
  const auto pkix = trusting(ca.root_pem());
  const auto by_leaf = dane_verify(chain, {spki(1, 1, leaf)}, names, now, pkix);
  REQUIRE(by_leaf.ok());
  CHECK(by_leaf->depth == 0);
  CHECK(dane_verify(chain, {spki(0, 2, intermediate)}, names, now, pkix).value().depth == 1);
  // RFC 7671 section 5.4: the CA itself need not be sent.
  CHECK(dane_verify(chain, {spki(0, 1, root)}, names, now, pkix).value().depth == 2);
  CHECK(dane_verify_groups(chain, {spki(0, 1, root), spki(1, 1, leaf)}, names, now, pkix).size() == 2);
}

TEST_CASE_METHOD(Case, "with PKIX neither the record nor the CA is enough alone") {
  const auto pkix = trusting(ca.root_pem());
  CHECK(refusal(dane_verify(chain, {stale(1, 1)}, names, now, pkix)) == "no usable TLSA record matches the chain");
  CHECK(refusal(dane_verify(chain, {spki(0, 1, leaf)}, names, now, pkix)) == "no usable TLSA record matches the chain");
  const auto another = trusting(TestCa().root_pem());
  CHECK(refusal(dane_verify(chain, {spki(1, 1, leaf)}, names, now, another)) ==
        "certificate 2 of the chain: unable to get local issuer certificate");
  const Chain own = chain_of(self_signed(key, names));
  CHECK_FALSE(dane_verify(own, {spki(1, 1, leaf)}, names, now, pkix).ok());
  CHECK_FALSE(dane_verify(Chain{{leaf}}, {spki(1, 1, leaf)}, names, now, pkix).ok());
}

TEST_CASE_METHOD(Case, "with PKIX names and dates count for usages 0 and 1 alone") {
  const auto pkix = trusting(ca.root_pem());
  const RRset rrset{spki(1, 1, leaf)};
  CHECK(refusal(dane_verify(chain, rrset, {"other.example"}, now, pkix)) == "the certificate is not for other.example");
  CHECK(refusal(dane_verify(chain, rrset, names, end + hours{24}, pkix)) ==
        "certificate 1 of the chain: certificate has expired");
  CHECK(refusal(dane_verify(chain, rrset, {}, now, pkix)) == "usage 1 needs a name to check the certificate for");
  CHECK(dane_verify(chain, {spki(3, 1, leaf)}, {"other.example"}, end + hours{24}, pkix).ok());
}

TEST_CASE_METHOD(Case, "a CA does not stand in for a trust anchor that was not sent") {
  const auto pkix = trusting(ca.root_pem());
  CHECK_FALSE(dane_verify(chain, {spki(2, 1, root)}, names, now, pkix).ok());
  const RRset both{spki(0, 1, root), spki(2, 1, root)};
  CHECK(dane_verify(chain, both, names, now, pkix).value().association.group.usage == 0);
  CHECK_FALSE(dane_verify(chain, both, names, now).ok());
}

TEST_CASE_METHOD(Case, "without any CA in the store there is no PKIX") {
  const auto empty = trusting("");
  CHECK(empty->empty());
  CHECK_FALSE(dane_verify(chain, {spki(1, 1, leaf)}, names, now, empty).ok());
  CHECK(dane_verify(chain, {spki(3, 1, leaf)}, names, now, empty).ok());
}

TEST_CASE_METHOD(Case, "only a verdict that lacks nothing but a name is a usage error") {
  const RRset rrset{spki(2, 1, intermediate)};
  CHECK(dane_verify(chain, rrset, {}, now).error().kind == ErrorKind::invalid);
  CHECK(dane_verify(chain, rrset, {}, end + hours{24}).error().kind == ErrorKind::failed);
  CHECK(dane_verify(chain, {stale(2, 1)}, {}, now).error().kind == ErrorKind::failed);
}

TEST_CASE_METHOD(Case, "a record that no client could use has a reason") {
  const auto why = [](const Association& record) {
    return unusable_because(record, PkixUsages::unusable).value_or("usable");
  };
  CHECK(why(spki(1, 1, leaf)) == "usage 1 is not for SMTP (RFC 7672 section 3.1.3)");
  CHECK(why(spki(4, 1, leaf)) == "usage 4 is unknown");
  CHECK(why({{3, 2, 1}, leaf.key.sha256}) == "selector 2 is unknown");
  CHECK(why({{3, 1, 3}, leaf.key.sha256}) == "matching type 3 is unknown");
  CHECK(why({{3, 1, 1}, "abcd"}) == "a digest of 2 octets instead of 32");
  CHECK(why({{3, 1, 2}, leaf.key.sha256}) == "a digest of 32 octets instead of 64");
  CHECK(why({{3, 0, 0}, "00"}) == "the data is not a certificate");
  CHECK(why({{3, 1, 0}, "00"}) == "the data is not a public key");
  CHECK(why({{3, 1, 1}, "xyz"}) == "the data is not hexadecimal");
  CHECK(why(spki(3, 1, leaf)) == "usable");
  CHECK_FALSE(unusable_because(spki(1, 1, leaf), PkixUsages::usable));
  CHECK(unusable_because(spki(4, 1, leaf), PkixUsages::usable));
}

TEST_CASE_METHOD(Case, "a store of CAs takes what is a certificate and refuses a garbled one") {
  TrustStore store;
  CHECK(store.add("no PEM at all").ok());
  CHECK(store.add(key).ok());
  CHECK(store.empty());
  const auto cut = store.add(ca.root_pem().substr(0, 200));
  REQUIRE_FALSE(cut.ok());
  CHECK(cut.error().what.starts_with("CA certificate 1 cannot be read: "));
  CHECK(store.add(ca.root_pem() + ca.root_pem()).ok());
  CHECK_FALSE(store.empty());
}

TEST_CASE("a file of a folder of CAs is called by a hash and a number") {
  CHECK(is_hashed_name("4042bcee.0"));
  CHECK(is_hashed_name("4042bcee.12"));
  for (const auto* other : {"ca-certificates.crt", "4042bcee.r0", "4042bcee.", "4042bcee", "4042BCEE.0", "", "x.0"}) {
    CHECK_FALSE(is_hashed_name(other));
  }
}
