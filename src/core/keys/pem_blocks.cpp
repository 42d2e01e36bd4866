#include "core/keys/pem_blocks.hpp"

#include "core/keys/openssl_ptr.hpp"

#include <fmt/format.h>
#include <openssl/pem.h>

namespace danectl {

Result<std::vector<PemBlock>> read_pem_blocks(std::string_view text) {
  if (text.size() > longest_key_file) return failed("it is over 1 MiB, too big for a key or a chain of certificates");
  const BioPtr bio = bio_over(text);
  if (!bio) return failed("OpenSSL has no memory left: " + take_openssl_error());
  std::vector<PemBlock> blocks;
  ERR_clear_error();
  while (true) {
    char* label = nullptr;
    char* header = nullptr;
    unsigned char* content = nullptr;
    long length = 0;
    const int read = PEM_read_bio(bio.get(), &label, &header, &content, &length);
    const OpensslText label_owner(label);
    const OpensslText header_owner(header);
    const OpensslBytes content_owner(content);
    if (read != 1) break;
    const bool encrypted = std::string_view(header).find("ENCRYPTED") != std::string_view::npos;
    blocks.push_back({label, encrypted, {content, content + length}});
  }
  const unsigned long problem = ERR_peek_last_error();
  if (ERR_GET_LIB(problem) == ERR_LIB_PEM && ERR_GET_REASON(problem) == PEM_R_NO_START_LINE) {
    ERR_clear_error();
    return blocks;
  }
  return failed(fmt::format("PEM block {} is cut or garbled: {}", blocks.size() + 1, take_openssl_error()));
}

}  // namespace danectl
