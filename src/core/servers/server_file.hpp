// A certificate file that a server on this host loads, as the server's own tool shows its configuration.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace danectl {

enum class MailProgram { postfix, exim, dovecot, nginx };
std::string_view to_text(MailProgram program);  // "Postfix", ...

struct ServerFile {
  MailProgram program = MailProgram::postfix;
  std::string configuration;  // the file that the program reads first, or the very file where the tool tells it
  // Where the setting stands in it: empty: for all; "465/inet": a service of Postfix' master.cf; "hash:FILE": its SNI
  // table; "local_name HOST": a section of Dovecot.
  std::string place;
  std::string setting;               // "smtpd_tls_chain_files"; in an SNI table the server's name
  std::string value;                 // all of it, as it is there
  std::string path;                  // one file in it, absolute
  std::vector<std::uint16_t> ports;  // where it may be served; empty: anywhere
};

// "Postfix (smtpd_tls_chain_files)", "Postfix (465/inet, smtpd_tls_chain_files)"
std::string where_it_stands(const ServerFile& file);

bool is_for_port(const ServerFile& file, std::uint16_t port);

// Adds one ServerFile for each absolute path in `value`, which blanks and commas separate.
void add_files(std::vector<ServerFile>& files, const ServerFile& model);

}  // namespace danectl
