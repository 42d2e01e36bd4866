#include "core/servers/dovecot_files.hpp"
#include "core/servers/exim_files.hpp"
#include "core/servers/loaded_file.hpp"
#include "core/servers/nginx_files.hpp"
#include "core/servers/postfix_files.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

constexpr const char* live = "/var/lib/danectl/live/mx";

std::vector<std::string> paths_of(const std::vector<ServerFile>& files) {
  std::vector<std::string> paths;
  for (const ServerFile& file : files) paths.push_back(where_it_stands(file) + " " + file.path);
  return paths;
}

std::string cure(const std::vector<ServerFile>& files, std::size_t at = 0) {
  return how_to_load(files.at(at), files, live);
}

using Paths = std::vector<std::string>;

}  // namespace

TEST_CASE("Postfix: chain files win over certificate files, in main.cf and in a service") {
  const auto found = postfix_files(
      "smtpd_tls_chain_files = /c/privkey.pem, /c/fullchain.pem\nsmtpd_tls_cert_file = /old/cert.pem\n",
      "465/inet/smtpd_tls_cert_file = /never/cert.pem\n127.0.0.1:submission/inet/smtpd_tls_chain_files = /s/a.pem\n"
      "policy/unix/smtpd_tls_chain_files = /no/tcp.pem\n");
  CHECK(paths_of(found.files) == Paths{"Postfix (smtpd_tls_chain_files) /c/privkey.pem",
                                       "Postfix (smtpd_tls_chain_files) /c/fullchain.pem",
                                       "Postfix (127.0.0.1:submission/inet, smtpd_tls_chain_files) /s/a.pem"});
  CHECK(found.files.front().ports == std::vector<std::uint16_t>{25, 465, 587});
  CHECK(found.files.back().ports == std::vector<std::uint16_t>{587});
  CHECK(cure(found.files) ==
        "postconf -e 'smtpd_tls_chain_files=/var/lib/danectl/live/mx/combined.pem' && postfix reload");
  CHECK(
      cure(found.files, 2) ==
      "postconf -P '127.0.0.1:submission/inet/smtpd_tls_chain_files=/var/lib/danectl/live/mx/combined.pem' && postfix "
      "reload");
}

TEST_CASE("Postfix: the chain files of other lineages stay in the list") {
  const auto found = postfix_files("smtpd_tls_chain_files = /rsa/combined.pem /c/privkey.pem /c/fullchain.pem\n", "");
  CHECK(
      cure(found.files, 1) ==
      "postconf -e 'smtpd_tls_chain_files=/rsa/combined.pem, /var/lib/danectl/live/mx/combined.pem' && postfix reload");
}

TEST_CASE("Postfix: one certificate file becomes a chain file, and one of two stays a certificate file") {
  const auto one = postfix_files("smtpd_tls_cert_file = /c/fullchain.pem\nsmtpd_tls_eccert_file =\n", "");
  CHECK(cure(one.files) ==
        "postconf -e 'smtpd_tls_chain_files=/var/lib/danectl/live/mx/combined.pem' && postfix reload");
  const auto two =
      postfix_files("smtpd_tls_cert_file = /c/fullchain.pem\nsmtpd_tls_eccert_file = /e/fullchain.pem\n", "");
  CHECK(cure(two.files, 1) ==
        "postconf -e 'smtpd_tls_eccert_file=/var/lib/danectl/live/mx/fullchain.pem' "
        "'smtpd_tls_eckey_file=/var/lib/danectl/live/mx/privkey.pem' && postfix reload");
}

TEST_CASE("Postfix: a table for SNI is read where a person writes it") {
  const auto found = postfix_files("tls_server_sni_maps = hash:/etc/postfix/sni, inline:{a=b}\n", "");
  REQUIRE(found.sni_tables.size() == 1);
  const auto files = sni_files("# names\nmx.example.com /c/privkey.pem\n  /c/fullchain.pem\n.example.org /o/all.pem\n",
                               found.sni_tables.front());
  CHECK(paths_of(files) == Paths{"Postfix (hash:/etc/postfix/sni, mx.example.com) /c/privkey.pem",
                                 "Postfix (hash:/etc/postfix/sni, mx.example.com) /c/fullchain.pem",
                                 "Postfix (hash:/etc/postfix/sni, .example.org) /o/all.pem"});
  CHECK(cure(files, 2) ==
        "sed -i 's|/o/all.pem|/var/lib/danectl/live/mx/combined.pem|' /etc/postfix/sni && postmap -F "
        "hash:/etc/postfix/sni && postfix reload");
}

TEST_CASE("Dovecot 2.3 and 2.4: for all, and for one name") {
  const auto before = dovecot_files(
      "# 2.3.19.1 (9b53102964): /etc/dovecot/dovecot.conf\nssl_cert = </c/fullchain.pem\n"
      "ssl_key = # hidden, use -P to show it\nssl_client_ca_file = /ca.pem\n"
      "local_name mx2.example.com {\n  ssl_cert = </d/fullchain.pem\n}\n");
  CHECK(paths_of(before) == Paths{"Dovecot (ssl_cert) /c/fullchain.pem",
                                  "Dovecot (local_name mx2.example.com, ssl_cert) /d/fullchain.pem"});
  CHECK(cure(before) ==
        "grep -rlF /c/ /etc/dovecot | xargs sed -i 's|/c/|/var/lib/danectl/live/mx/|' && doveadm reload");
  const auto since = dovecot_files(
      "# 2.4.1-4 (7d8c0e5759): /etc/dovecot/dovecot.conf\nssl_server {\n  cert_file = /c/mx.pem\n"
      "  key_file = /c/mx.key\n}\nlocal_name mx2.example.com {\n  ssl_server {\n    cert_file = /d/fullchain.pem\n  "
      "}\n}\n");
  CHECK(paths_of(since) == Paths{"Dovecot (ssl_server_cert_file) /c/mx.pem",
                                 "Dovecot (local_name mx2.example.com, ssl_server_cert_file) /d/fullchain.pem"});
  CHECK(cure(since) ==
        "set ssl_server_cert_file = /var/lib/danectl/live/mx/fullchain.pem and ssl_server_key_file = "
        "/var/lib/danectl/live/mx/privkey.pem in /etc/dovecot/dovecot.conf, then: doveadm reload");
}

TEST_CASE("Exim: a list of files, and nothing of what it expands") {
  CHECK(paths_of(exim_files("tls_certificate = /c/fullchain.pem : /d/fullchain.pem\n")) ==
        Paths{"Exim (tls_certificate) /c/fullchain.pem", "Exim (tls_certificate) /d/fullchain.pem"});
  CHECK(exim_files("tls_certificate = ${if exists{/c/fullchain.pem}{/c/fullchain.pem}}\n").empty());
  CHECK(exim_files("tls_certificate = \n").empty());
}

TEST_CASE("nginx: each server with its ports, in the file where it stands") {
  const auto files = nginx_files(
      "nginx: the configuration file is fine\n# configuration file /etc/nginx/nginx.conf:\n"
      "events { } # ssl_certificate /comment.pem;\nmail {\n  server {\n    listen [::]:993 ssl; listen 993 ssl;\n"
      "    ssl_certificate \"/c/fullchain.pem\";\n  }\n}\nhttp {\n  ssl_certificate $made;\n  include sites/*;\n}\n"
      "# configuration file /etc/nginx/sites/one:\nserver { listen 443 ssl; ssl_certificate /w/fullchain.pem; }\n");
  CHECK(paths_of(files) ==
        Paths{"nginx (server, ssl_certificate) /c/fullchain.pem", "nginx (server, ssl_certificate) /w/fullchain.pem"});
  CHECK(is_for_port(files.front(), 993));
  CHECK_FALSE(is_for_port(files.front(), 443));
  CHECK(cure(files, 1) == "sed -i 's|/w/|/var/lib/danectl/live/mx/|' /etc/nginx/sites/one && nginx -s reload");
  CHECK(nginx_files("# configuration file \nserver { listen 443 ssl; ssl_certificate /w/fullchain.pem; }\n").size() ==
        1);
}

TEST_CASE("nginx: an included file that is empty does not end danectl, and a comment is no heading") {
  const auto files = nginx_files(
      "# configuration file /etc/nginx/empty:\n\n# configuration file /etc/nginx/mail:\n# configuration file of mail:\n"
      "# configuration file /of/mail\nserver { listen 993 ssl; ssl_certificate /c/fullchain.pem; }\n\n");
  CHECK(paths_of(files) == Paths{"nginx (server, ssl_certificate) /c/fullchain.pem"});
  CHECK(cure(files, 0).ends_with(" /etc/nginx/mail && nginx -s reload"));
}
