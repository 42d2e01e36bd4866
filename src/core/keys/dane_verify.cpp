#include "core/keys/dane_verify.hpp"

#include "core/keys/parsed_certificate.hpp"
#include "core/keys/usable.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace danectl {

namespace {

constexpr std::uint8_t dane_ta = 2;
constexpr std::uint8_t dane_ee = 3;

constexpr const char* no_match = "no usable TLSA record matches the chain";

// One for all calls: it holds the digests DANE knows and nothing that a chain or an RRset could change.
SSL_CTX* dane_context() {
  static const SslCtxPtr context = [] {
    SslCtxPtr made(SSL_CTX_new(TLS_method()));
    if (made && SSL_CTX_dane_enable(made.get()) <= 0) made.reset();
    return made;
  }();
  return context.get();
}

Error no_verification() {
  return failed("OpenSSL cannot begin a DANE verification: " + take_openssl_error());
}

struct Certificates {
  X509Ptr leaf;
  CertificateStack all;  // leaf first, as a server sends them
};

X509Ptr parsed(const Certificate& certificate) {
  const auto known = parsed_certificate(certificate.pem);
  if (!known || X509_up_ref(known->x509.get()) != 1) return nullptr;
  return X509Ptr(known->x509.get());
}

Result<Certificates> read(const Chain& chain) {
  Certificates read{nullptr, CertificateStack(sk_X509_new_null())};
  for (const Certificate& certificate : chain.certificates) {
    X509Ptr x509 = parsed(certificate);
    if (!x509 || !read.all) return failed("a certificate of the chain cannot be read: " + take_openssl_error());
    if (!read.leaf && X509_up_ref(x509.get()) == 1) read.leaf.reset(x509.get());
    if (sk_X509_push(read.all.get(), x509.get()) <= 0) return no_verification();
    static_cast<void>(x509.release());  // the stack's now
  }
  if (!read.leaf) return failed("the chain is empty");
  return read;
}

// The reference identifiers as OpenSSL takes them. An empty name would switch the check off and one with a leading dot
// match every host below it.
std::vector<std::string> reference_identifiers(const std::vector<std::string>& names) {
  std::vector<std::string> identifiers;
  for (const std::string& name : names) {
    const std::string_view bare = std::string_view(name).substr(0, name.find_last_not_of('.') + 1);
    if (!bare.empty() && bare.front() != '.') identifiers.emplace_back(bare);
  }
  return identifiers;
}

Result<SslPtr> prepare(const RRset& records, const std::vector<std::string>& names) {
  SSL_CTX* const context = dane_context();
  SslPtr ssl(context != nullptr ? SSL_new(context) : nullptr);
  if (!ssl || SSL_dane_enable(ssl.get(), names.empty() ? nullptr : names.front().c_str()) <= 0) {
    return no_verification();
  }
  SSL_dane_set_flags(ssl.get(), DANE_FLAG_NO_DANE_EE_NAMECHECKS);  // RFC 7671 section 5.1
  for (std::size_t i = 1; i < names.size(); ++i) {
    if (SSL_add1_host(ssl.get(), names[i].c_str()) != 1) return no_verification();
  }
  int added = 0;
  for (const Association& record : records) {
    const auto bytes = from_hex(record.hex);
    if (!bytes) continue;
    const int result = SSL_dane_tlsa_add(ssl.get(), record.group.usage, record.group.selector, record.group.mtype,
                                         bytes->data(), bytes->size());
    if (result < 0) return no_verification();
    added += result;
  }
  ERR_clear_error();
  // Without one usable record OpenSSL would verify as if there were no DANE.
  if (added == 0) return failed("no TLSA record is usable");
  return ssl;
}

// As OpenSSL verifies a server's chain in a handshake, but at the given time, or whatever the time.
Result<X509StoreCtxPtr> store_context(const Certificates& certificates, X509_STORE* trusted, SSL* ssl,
                                      const std::optional<WallTime>& now) {
  X509StoreCtxPtr context(X509_STORE_CTX_new());
  if (!context || trusted == nullptr ||
      X509_STORE_CTX_init(context.get(), trusted, certificates.leaf.get(), certificates.all.get()) != 1 ||
      X509_STORE_CTX_set_default(context.get(), "ssl_server") != 1) {
    return no_verification();
  }
  X509_STORE_CTX_set0_dane(context.get(), SSL_get0_dane(ssl));
  X509_VERIFY_PARAM* const parameters = X509_STORE_CTX_get0_param(context.get());
  if (X509_VERIFY_PARAM_set1(parameters, SSL_get0_param(ssl)) != 1) return no_verification();
  if (now) {
    X509_VERIFY_PARAM_set_time(parameters, std::chrono::floor<Seconds>(*now).time_since_epoch().count());
  } else if (X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_NO_CHECK_TIME) != 1) {
    return no_verification();
  }
  return context;
}

Error refusal(X509_STORE_CTX* context, const std::vector<std::string>& names) {
  const int problem = X509_STORE_CTX_get_error(context);
  ERR_clear_error();
  switch (problem) {
    case X509_V_OK:
    case X509_V_ERR_DANE_NO_MATCH:
      return failed(no_match);
    case X509_V_ERR_HOSTNAME_MISMATCH:
      return failed(fmt::format("the certificate is not for {}", fmt::join(names, " or ")));
    default:
      return failed(fmt::format("certificate {} of the chain: {}", X509_STORE_CTX_get_error_depth(context) + 1,
                                X509_verify_cert_error_string(problem)));
  }
}

bool sent(const Certificates& certificates, const X509* matched) {
  for (int i = 0; matched != nullptr && i < sk_X509_num(certificates.all.get()); ++i) {
    if (X509_cmp(sk_X509_value(certificates.all.get(), i), matched) == 0) return true;
  }
  return false;
}

// What the chain is held against, but for the records.
struct Question {
  const Certificates& certificates;
  std::vector<std::string> names;
  std::optional<WallTime> now;
  Anchor anchor = Anchor::sent_or_in_dns;
};

// Whether one of these records holds this certificate itself, which a server then need not send (RFC 7671 section
// 5.2.1). OpenSSL also takes a bare key out of a record (2 1 0): there is no certificate then.
bool in_dns(const RRset& records, X509* authority) {
  if (authority == nullptr) return false;
  const Association whole{{dane_ta, 0, 0}, to_hex(to_der(i2d_X509, authority))};
  return std::find(records.begin(), records.end(), whole) != records.end();
}

// `records` are usable ones.
Result<DaneMatch> verify(const Question& question, const RRset& records, X509_STORE* trusted) {
  const auto& [certificates, names, now, anchor] = question;
  const auto ssl = prepare(records, names);
  if (!ssl) return ssl.error();
  const auto context = store_context(certificates, trusted, ssl->get(), now);
  if (!context) return context.error();
  const int verified = X509_verify_cert(context->get());
  X509* authority = nullptr;
  const int depth = SSL_get0_dane_authority(ssl->get(), &authority, nullptr);
  // Both: the depth alone is also there for a misnamed or expired chain, and a success alone is one without DANE.
  if (verified != 1 || depth < 0) return refusal(context->get(), names);
  Group group;
  const unsigned char* octets = nullptr;
  std::size_t length = 0;
  if (SSL_get0_dane_tlsa(ssl->get(), &group.usage, &group.selector, &group.mtype, &octets, &length) < 0) {
    return refusal(context->get(), names);
  }
  const DaneMatch match{depth, {group, to_hex({octets, length})}};
  if (group.usage == dane_ee) return match;
  // Without a name OpenSSL checks none, but a trust anchor vouches for many (RFC 7671 section 5.2).
  if (names.empty()) {
    return invalid(fmt::format("usage {} needs a name to check the certificate for", group.usage),
                   "give the name of the server");
  }
  const bool may_be_left_out = anchor == Anchor::sent_or_in_dns && in_dns(records, authority);
  if (group.usage == dane_ta && !may_be_left_out && !sent(certificates, authority)) {
    return failed(fmt::format("the chain is without the trust anchor of the record {}", match.association.text()),
                  "the server must send that certificate too");
  }
  return match;
}

// Usages 2 and 3 trust nothing but the records: with a CA at hand OpenSSL would find a trust anchor that the server
// does not send. So each kind is verified by itself; digest agility (RFC 7671 section 9) is a matter within one usage.
Result<DaneMatch> verify_by_usage(const Question& question, const RRset& records, const TrustStore* pkix) {
  RRset by_dane;
  RRset by_pkix;
  for (const Association& record : records) (record.group.usage < dane_ta ? by_pkix : by_dane).push_back(record);
  Result<DaneMatch> result = failed(no_match);
  if (!by_dane.empty()) {
    const X509StorePtr nothing_trusted(X509_STORE_new());
    result = verify(question, by_dane, nothing_trusted.get());
  }
  if (result || by_pkix.empty() || pkix == nullptr) return result;
  auto with_pkix = verify(question, by_pkix, pkix->get());
  return with_pkix || result.error().what == no_match ? with_pkix : result;
}

RRset usable_of(const RRset& rrset, const TrustStore* pkix) {
  const PkixUsages usages = pkix != nullptr ? PkixUsages::usable : PkixUsages::unusable;
  RRset usable_records;
  std::copy_if(rrset.begin(), rrset.end(), std::back_inserter(usable_records),
               [&](const Association& record) { return !unusable_because(record, usages); });
  return usable_records;
}

// No CA trusted is no PKIX.
const TrustStore* store_of(const std::optional<TrustStore>& pkix) {
  return pkix && !pkix->empty() ? &*pkix : nullptr;
}

}  // namespace

Result<DaneMatch> dane_verify(const Chain& chain, const RRset& rrset, const std::vector<std::string>& names,
                              const std::optional<WallTime>& now, const std::optional<TrustStore>& pkix,
                              Anchor anchor) {
  const auto certificates = read(chain);
  if (!certificates) return certificates.error();
  const RRset records = usable_of(rrset, store_of(pkix));
  if (!records.empty()) {
    return verify_by_usage({*certificates, reference_identifiers(names), now, anchor}, records, store_of(pkix));
  }
  if (rrset.empty()) return failed("there is no TLSA record");
  return failed(fmt::format("no TLSA record is usable: none of usage {} with a digest of the right length",
                            store_of(pkix) != nullptr ? "0 to 3" : "2 or 3"));
}

std::map<Group, Result<DaneMatch>> dane_verify_groups(const Chain& chain, const RRset& rrset,
                                                      const std::vector<std::string>& names,
                                                      const std::optional<WallTime>& now,
                                                      const std::optional<TrustStore>& pkix) {
  std::map<Group, RRset> groups;
  for (const Association& record : usable_of(rrset, store_of(pkix))) groups[record.group].push_back(record);
  std::map<Group, Result<DaneMatch>> results;
  const auto certificates = read(chain);
  for (const auto& [group, records] : groups) {
    results.emplace(group, certificates ? verify_by_usage({*certificates, reference_identifiers(names), now}, records,
                                                          store_of(pkix))
                                        : Result<DaneMatch>(certificates.error()));
  }
  return results;
}

bool are_digests_of_one(const Group& one, const Group& other) {
  return hides(one, other) || hides(other, one);
}

bool shows(const Chain& chain, const Association& association) {
  const bool of_an_issuer = association.group.usage == 0 || association.group.usage == dane_ta;
  // Asked of each certificate alone and as an end entity, so that no name hides a match.
  Association alone = association;
  alone.group.usage = dane_ee;
  for (const Certificate& certificate : chain.certificates) {
    if (dane_verify(Chain{{certificate}}, {alone}, {}, std::nullopt)) return true;
    if (!of_an_issuer) break;
  }
  return false;
}

}  // namespace danectl
