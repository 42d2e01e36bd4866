// A certificate authority in memory, for tests. What cannot be made throws std::runtime_error, which fails the test.
#pragma once

#include "core/base/time.hpp"
#include "core/keys/key_id.hpp"

#include <memory>
#include <string>
#include <vector>

namespace danectl {

// A new private key in PKCS#8 PEM. ECDSA P-256 is made in microseconds, RSA is not.
std::string test_key(KeyType type = KeyType::ecdsa_p256);

// While it lives, test_key() makes the same ECDSA P-256 keys for the same seed, one after the other.
class SeededTestKeys {
 public:
  explicit SeededTestKeys(unsigned seed);
  ~SeededTestKeys();
  SeededTestKeys(const SeededTestKeys&) = delete;
  SeededTestKeys& operator=(const SeededTestKeys&) = delete;
};

// A certificate request for a key, in PEM.
std::string test_request(const std::string& private_key, const std::vector<std::string>& names);

// A certificate that only itself has signed, in PEM, valid from 2020 to 2049.
std::string self_signed(const std::string& private_key, const std::vector<std::string>& names);

// A root and an intermediate, valid from 2020 to 2049. Chains are end entity, intermediate: without the root, as real
// ones are.
class TestCa {
 public:
  TestCa();
  ~TestCa();

  // The chain for this key (private, PEM) with these dNSName SANs.
  [[nodiscard]] std::string issue(const std::vector<std::string>& names, const std::string& private_key,
                                  WallTime not_before, WallTime not_after) const;

  // From now on another intermediate, with a key and a name of its own, issues under the same root.
  void replace_intermediate();

  [[nodiscard]] const std::string& root_pem() const;
  [[nodiscard]] const std::string& intermediate_pem() const;

 private:
  struct Authority;
  std::unique_ptr<Authority> root_;
  std::unique_ptr<Authority> intermediate_;
  int intermediates_ = 0;
};

}  // namespace danectl
