#include "fakes/test_ca.hpp"

#include "core/keys/openssl_ptr.hpp"
#include "system/host/openssl_key_maker.hpp"

#include <optional>
#include <random>
#include <stdexcept>

#include <openssl/pem.h>

namespace danectl {

struct TestCa::Authority {
  std::string key;  // PEM
  std::string pem;
};

namespace {

using NamePtr = OpensslPtr<X509_NAME, X509_NAME_free>;
using ExtensionPtr = OpensslPtr<X509_EXTENSION, X509_EXTENSION_free>;

void demand(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string(what) + ": " + take_openssl_error());
}

std::optional<std::mt19937> key_numbers;  // of SeededTestKeys

// An ECPrivateKey of P-256 without its public part (RFC 5915), which OpenSSL adds, as PKCS#8 in PEM.
std::string key_of_numbers(std::mt19937& numbers) {
  std::string der("\x30\x31\x02\x01\x01\x04\x20", 7);
  for (int i = 0; i < 32; ++i) der += static_cast<char>(numbers() & 0x7F);
  der += std::string("\xa0\x0a\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07", 12);
  const auto* octets = reinterpret_cast<const unsigned char*>(der.data());
  const PkeyPtr key(d2i_PrivateKey(EVP_PKEY_EC, nullptr, &octets, static_cast<long>(der.size())));
  const BioPtr out(BIO_new(BIO_s_mem()));
  demand(
      key != nullptr && PEM_write_bio_PKCS8PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1,
      "cannot make a test key");
  return text_of(out.get());
}

PkeyPtr load_key(const std::string& pem) {
  const BioPtr bio = bio_over(pem);
  PkeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  demand(key != nullptr, "cannot load a test key");
  return key;
}

X509Ptr load_certificate(const std::string& pem) {
  const BioPtr bio = bio_over(pem);
  X509Ptr certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  demand(certificate != nullptr, "cannot load a test certificate");
  return certificate;
}

NamePtr common_name(const std::string& text) {
  NamePtr name(X509_NAME_new());
  demand(X509_NAME_add_entry_by_txt(name.get(), "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(text.data()),
                                    static_cast<int>(text.size()), -1, 0) == 1,
         "cannot name a test certificate");
  return name;
}

std::string subject_alternative_names(const std::vector<std::string>& names) {
  std::string value;
  for (const std::string& name : names) value += (value.empty() ? "DNS:" : ",DNS:") + name;
  return value;
}

struct Plan {
  std::string subject;
  std::vector<std::pair<int, std::string>> extensions;
  WallTime not_before;
  WallTime not_after;
};

Plan authority_plan(const std::string& subject) {
  using namespace std::chrono;
  return {subject,
          {{NID_basic_constraints, "critical,CA:TRUE"}, {NID_key_usage, "critical,keyCertSign,cRLSign"}},
          sys_days{year{2020} / 1 / 1},
          sys_days{year{2049} / 1 / 1}};
}

Plan host_plan(const std::vector<std::string>& names, WallTime not_before, WallTime not_after) {
  Plan plan{"host",
            {{NID_basic_constraints, "critical,CA:FALSE"},
             {NID_key_usage, "critical,digitalSignature"},
             {NID_ext_key_usage, "serverAuth"}},
            not_before,
            not_after};
  if (!names.empty()) plan.extensions.emplace_back(NID_subject_alt_name, subject_alternative_names(names));
  return plan;
}

void set_time(ASN1_TIME* field, WallTime time) {
  const auto seconds = std::chrono::floor<Seconds>(time).time_since_epoch().count();
  demand(ASN1_TIME_set(field, seconds) != nullptr, "cannot date a test certificate");
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  demand(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1,
         "cannot extend a test certificate");
}

std::string to_pem(X509* certificate) {
  const BioPtr out(BIO_new(BIO_s_mem()));
  demand(PEM_write_bio_X509(out.get(), certificate) == 1, "cannot write a test certificate");
  return text_of(out.get());
}

// Without an issuer: signed by itself.
std::string sign(const Plan& plan, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key) {
  static long serial = 0;
  const X509Ptr certificate(X509_new());
  X509* const made = certificate.get();
  const NamePtr subject = common_name(plan.subject);
  X509_set_version(made, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made), ++serial);
  X509_set_subject_name(made, subject.get());
  X509_set_issuer_name(made, issuer != nullptr ? X509_get_subject_name(issuer) : subject.get());
  set_time(X509_getm_notBefore(made), plan.not_before);
  set_time(X509_getm_notAfter(made), plan.not_after);
  demand(X509_set_pubkey(made, key) == 1, "cannot put a key in a test certificate");
  add_extension(made, made, NID_subject_key_identifier, "hash");
  if (issuer != nullptr) add_extension(made, issuer, NID_authority_key_identifier, "keyid:always");
  for (const auto& [nid, value] : plan.extensions) add_extension(made, issuer != nullptr ? issuer : made, nid, value);
  demand(X509_sign(made, issuer_key, EVP_sha256()) > 0, "cannot sign a test certificate");
  return to_pem(made);
}

}  // namespace

SeededTestKeys::SeededTestKeys(unsigned seed) {
  key_numbers.emplace(seed);
}

SeededTestKeys::~SeededTestKeys() {
  key_numbers.reset();
}

std::string test_key(KeyType type) {
  if (key_numbers && type == KeyType::ecdsa_p256) return key_of_numbers(*key_numbers);
  auto key = OpensslKeyMaker().make(type);
  if (!key) throw std::runtime_error(key.error().what);
  return *key;
}

std::string test_request(const std::string& private_key, const std::vector<std::string>& names) {
  const PkeyPtr key = load_key(private_key);
  const X509ReqPtr request(X509_REQ_new());
  const NamePtr subject = common_name(names.empty() ? "host" : names.front());
  const BioPtr out(BIO_new(BIO_s_mem()));
  demand(X509_REQ_set_subject_name(request.get(), subject.get()) == 1 &&
             X509_REQ_set_pubkey(request.get(), key.get()) == 1 &&
             X509_REQ_sign(request.get(), key.get(), EVP_sha256()) > 0 &&
             PEM_write_bio_X509_REQ(out.get(), request.get()) == 1,
         "cannot make a test request");
  return text_of(out.get());
}

std::string self_signed(const std::string& private_key, const std::vector<std::string>& names) {
  const PkeyPtr key = load_key(private_key);
  const Plan dates = authority_plan("");
  return sign(host_plan(names, dates.not_before, dates.not_after), key.get(), nullptr, key.get());
}

TestCa::TestCa() : root_(std::make_unique<Authority>()) {
  root_->key = test_key();
  const PkeyPtr key = load_key(root_->key);
  root_->pem = sign(authority_plan("Test Root"), key.get(), nullptr, key.get());
  replace_intermediate();
}

TestCa::~TestCa() = default;

void TestCa::replace_intermediate() {
  auto authority = std::make_unique<Authority>();
  authority->key = test_key();
  authority->pem = sign(authority_plan("Test Intermediate " + std::to_string(++intermediates_)),
                        load_key(authority->key).get(), load_certificate(root_->pem).get(), load_key(root_->key).get());
  intermediate_ = std::move(authority);
}

std::string TestCa::issue(const std::vector<std::string>& names, const std::string& private_key, WallTime not_before,
                          WallTime not_after) const {
  return sign(host_plan(names, not_before, not_after), load_key(private_key).get(),
              load_certificate(intermediate_->pem).get(), load_key(intermediate_->key).get()) +
         intermediate_->pem;
}

const std::string& TestCa::root_pem() const {
  return root_->pem;
}

const std::string& TestCa::intermediate_pem() const {
  return intermediate_->pem;
}

}  // namespace danectl
