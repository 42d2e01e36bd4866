// bare_files <PATHS: what OpenSSL alone can do with the files of a call, a path a line, for tests/bench. Each file is
// read, and each distinct certificate in them parsed once. Nothing is said of them but how many there are.
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>
#include <cstdio>
#include <iostream>
#include <set>
#include <string>

#include <fcntl.h>
#include <unistd.h>

namespace {

std::string content_of(const std::string& path) {
  std::string content;
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  std::array<char, 16384> piece;
  ssize_t count = 0;
  while (file >= 0 && (count = ::read(file, piece.data(), piece.size())) > 0) {
    content.append(piece.data(), static_cast<std::size_t>(count));
  }
  if (file >= 0) ::close(file);
  return content;
}

// By what stands between its lines of dashes.
void parse_new(const std::string& content, std::set<std::string>& known) {
  static const std::string begins = "-----BEGIN CERTIFICATE-----";
  static const std::string ends = "-----END CERTIFICATE-----";
  for (auto at = content.find(begins); at != std::string::npos; at = content.find(begins, at)) {
    const auto end = content.find(ends, at);
    if (end == std::string::npos) return;
    const std::string pem = content.substr(at, end + ends.size() + 1 - at);
    at = end;
    if (!known.insert(pem).second) continue;
    BIO* const bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    X509* const certificate = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
    if (certificate == nullptr) std::fprintf(stderr, "bare_files: a certificate cannot be parsed\n");
    X509_free(certificate);
    BIO_free(bio);
  }
}

}  // namespace

int main() {
  unsigned long files = 0;
  std::set<std::string> known;
  std::string path;
  while (std::getline(std::cin, path)) {
    ++files;
    parse_new(content_of(path), known);
  }
  std::printf("%lu files, %zu certificates\n", files, known.size());
}
