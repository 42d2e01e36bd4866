#include "core/certbot/renewal_conf.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace danectl;

namespace {

const std::string path = "/etc/letsencrypt/renewal/mx.conf";

const std::string certbots =
    "# renew_before_expiry = 30 days\n"
    "version = 2.1.0\n"
    "archive_dir = /etc/letsencrypt/archive/mx\n"
    "cert = /etc/letsencrypt/live/mx/cert.pem\n"
    "privkey = /etc/letsencrypt/live/mx/privkey.pem\n"
    "chain = /etc/letsencrypt/live/mx/chain.pem\n"
    "fullchain = /etc/letsencrypt/live/mx/fullchain.pem\n"
    "\n"
    "# Options used in the renewal process\n"
    "[renewalparams]\n"
    "account = 0123\n"
    "authenticator = webroot\n"
    "key_type = ecdsa\n"
    "[[webroot_map]]\n"
    "mx.example.com = /var/www\n";

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const auto at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), with);
}

std::string crlf(const std::string& text) {
  std::string made;
  for (const char c : text) made += c == '\n' ? "\r\n" : std::string(1, c);
  return made;
}

std::string error_of(const std::string& text) {
  const auto conf = read_renewal_conf(text, path);
  REQUIRE_FALSE(conf.ok());
  CHECK(conf.error().kind == ErrorKind::failed);
  return conf.error().what;
}

RenewalConf read(const std::string& text) {
  auto conf = read_renewal_conf(text, path);
  if (!conf) FAIL(conf.error().what);
  return *conf;
}

}  // namespace

TEST_CASE("a conf that certbot wrote is read") {
  const auto conf = read(certbots);
  CHECK(conf.archive_dir == "/etc/letsencrypt/archive/mx");
  CHECK(conf.cert == "/etc/letsencrypt/live/mx/cert.pem");
  CHECK(conf.privkey == "/etc/letsencrypt/live/mx/privkey.pem");
  CHECK(conf.chain == "/etc/letsencrypt/live/mx/chain.pem");
  CHECK(conf.fullchain == "/etc/letsencrypt/live/mx/fullchain.pem");
  CHECK_FALSE(conf.reuse_key.has_value());
  CHECK(conf.renew_hook.empty());
}

TEST_CASE("values are taken without quotes, comments and blanks around them") {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"renew_hook = systemctl reload postfix", "systemctl reload postfix"},
      {"renew_hook=systemctl reload postfix  # mail", "systemctl reload postfix"},
      {"  renew_hook\t=\t\"a # b, c\"  # comment", "a # b, c"},
      {"renew_hook = 'say \"x\"'", "say \"x\""},
      {"\"renew_hook\" = it's", "it's"},
      {"renew_hook = None", ""},
      {"renew_hook =", ""},
      {"renew_hook = '''one\nreuse_key = False\nthree''' # comment", "one\nreuse_key = False\nthree"},
      {"renew_hook = a, b", "a, b"},
  };
  for (const auto& [line, value] : cases) {
    INFO(line);
    CHECK(read(replaced(certbots, "account = 0123", line)).renew_hook == value);
  }
}

TEST_CASE("reuse_key is what certbot would make of it") {
  const auto with = [](const std::string& value) {
    return replaced(certbots, "account =", "reuse_key = " + value + "\nx =");
  };
  CHECK(read(with("True")).reuse_key == true);
  CHECK(read(with("true")).reuse_key == true);
  CHECK(read(with("False")).reuse_key == false);
  CHECK(error_of(with("yes")) ==
        "certbot's " + path + " line 11: reuse_key is \"yes\", and certbot takes only True or False");
  CHECK(error_of(with("1")).find("reuse_key is \"1\"") != std::string::npos);
}

TEST_CASE("keys of the same name elsewhere are not mistaken for certbot's") {
  auto text = certbots + "reuse_key = False\nrenew_hook = wrong\n";  // in [[webroot_map]]
  text = replaced(text, "version = 2.1.0", "reuse_key = False");     // at the top
  const auto conf = read(text);
  CHECK_FALSE(conf.reuse_key.has_value());
  CHECK(conf.renew_hook.empty());
}

TEST_CASE("what certbot cannot use is an error that names file and line") {
  CHECK(error_of(replaced(certbots, "chain = ", "# ")) == "certbot's " + path + " has no chain");
  CHECK(error_of(replaced(certbots, "[renewalparams]", "[other]")) ==
        "certbot's " + path + " has no section [renewalparams]");
  CHECK(error_of(replaced(certbots, "version = 2.1.0", "cert = x")) ==
        "certbot's " + path + " line 4: cert a second time");
  CHECK(error_of(replaced(certbots, "account = 0123", "account")) ==
        "certbot's " + path + " line 11: neither a key with a value nor a section");
  CHECK(error_of(replaced(certbots, "account = 0123", "account = \"0123")) ==
        "certbot's " + path + " line 11: the value of account is badly quoted");
  CHECK(error_of(replaced(certbots, "account = 0123", "account = '''0123")) ==
        "certbot's " + path + " line 11: the value of account has no end");
  CHECK(error_of(replaced(certbots, "[[webroot_map]]", "[[[webroot_map]]]")) ==
        "certbot's " + path + " line 14: a section nested too deep");
  CHECK(error_of(replaced(certbots, "[[webroot_map]]", "[[webroot_map]")) ==
        "certbot's " + path + " line 14: not a section as ConfigObj has it");
  CHECK(error_of("") == "certbot's " + path + " has no archive_dir");
}

TEST_CASE("reuse_key that is not there comes directly below the section, and nothing else changes") {
  CHECK(with_reuse_key(certbots, path).value() ==
        replaced(certbots, "[renewalparams]\n", "[renewalparams]\nreuse_key = True\n"));
  const auto windows = crlf(certbots);
  CHECK(with_reuse_key(windows, path).value() ==
        replaced(windows, "[renewalparams]\r\n", "[renewalparams]\r\nreuse_key = True\r\n"));
}

TEST_CASE("reuse_key that is there is changed in place, and its comment stays") {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"reuse_key = False", "reuse_key = True"},
      {"reuse_key=False# why", "reuse_key=True# why"},
      {"\treuse_key = 'no'  # why", "\treuse_key = True  # why"},
      {"reuse_key = True", "reuse_key = True"},
      {"reuse_key =", "reuse_key =True"},
  };
  for (const auto& [before, after] : cases) {
    INFO(before);
    CHECK(with_reuse_key(replaced(certbots, "account = 0123", before), path).value() ==
          replaced(certbots, "account = 0123", after));
  }
}

TEST_CASE("a section that ends the file without a line end still gets its key") {
  const auto text = certbots.substr(0, certbots.find("[renewalparams]")) + "[renewalparams]";
  CHECK(with_reuse_key(text, path).value() == text + "\nreuse_key = True\n");
  CHECK(with_reuse_key(crlf(text), path).value() == crlf(text) + "\r\nreuse_key = True\r\n");
}

TEST_CASE("a byte order mark and a section with a comment are left alone") {
  const auto text = "\xef\xbb\xbf" + replaced(certbots, "[renewalparams]", "[ 'renewalparams' ] # here");
  CHECK(with_reuse_key(text, path).value() == replaced(text, "# here\n", "# here\nreuse_key = True\n"));
  auto paths = read(text);
  paths.cert = "/new";
  CHECK(with_paths(text, paths, path).value() == replaced(text, "/etc/letsencrypt/live/mx/cert.pem", "/new"));
}

TEST_CASE("the key type is written as certbot writes it") {
  const auto with = [](const std::string& lines) { return replaced(certbots, "key_type = ecdsa\n", lines); };
  CHECK(with_key_type(certbots, KeyType::rsa_2048, path).value() == with("key_type = rsa\n"));
  CHECK(with_key_type(certbots, KeyType::rsa_4096, path).value() ==
        replaced(with("key_type = rsa\n"), "[renewalparams]\n", "[renewalparams]\nrsa_key_size = 4096\n"));
  CHECK(with_key_type(certbots, KeyType::ecdsa_p384, path).value() ==
        replaced(certbots, "[renewalparams]\n", "[renewalparams]\nelliptic_curve = secp384r1\n"));
  const auto rsa = with("rsa_key_size = 4096\nkey_type = rsa\n");
  CHECK(with_key_type(rsa, KeyType::ecdsa_p256, path).value() == certbots);
  CHECK(with_key_type(rsa, KeyType::rsa_3072, path).value() == with("rsa_key_size = 3072\nkey_type = rsa\n"));
  const auto without = with("");
  CHECK(with_key_type(without, KeyType::ecdsa_p256, path).value() ==
        replaced(without, "[renewalparams]\n", "[renewalparams]\nkey_type = ecdsa\n"));
}

TEST_CASE("a key type the conf already means leaves the text alone") {
  const auto with = [](const std::string& lines) { return replaced(certbots, "key_type = ecdsa\n", lines); };
  for (const auto& text : {certbots, with("key_type = ecdsa\nelliptic_curve = secp256r1\nrsa_key_size = 4096\n")}) {
    CHECK(with_key_type(text, KeyType::ecdsa_p256, path).value() == text);
  }
  // Lineages of old certbots have no key_type, and certbot takes that for RSA.
  for (const auto& text : {with(""), with("rsa_key_size = 2048\n"), with("key_type = rsa\n")}) {
    CHECK(with_key_type(text, KeyType::rsa_2048, path).value() == text);
  }
  CHECK(with_key_type(certbots, KeyType::other, path).value() == certbots);
}

TEST_CASE("the five paths are assigned and all else is kept") {
  auto text = replaced(certbots, "cert = /etc/letsencrypt/live/mx/cert.pem",
                       "cert = \"/etc/lets encrypt, too/live/mx/cert.pem\"  # moved");
  const RenewalConf paths{"/w/archive/mx",
                          "/w/live/mx/cert.pem",
                          "/w/live/mx/privkey.pem",
                          "/w/a, b/chain.pem",
                          "/w/it's/\"full\"chain.pem",
                          {},
                          {}};
  const auto edited = with_paths(text, paths, path).value();
  const auto conf = read(edited);
  CHECK(conf.archive_dir == paths.archive_dir);
  CHECK(conf.cert == paths.cert);
  CHECK(conf.chain == paths.chain);
  CHECK(conf.fullchain == paths.fullchain);
  text = replaced(text, "/etc/letsencrypt/archive/mx", "/w/archive/mx");
  text = replaced(text, "\"/etc/lets encrypt, too/live/mx/cert.pem\"", "/w/live/mx/cert.pem");
  text = replaced(text, "/etc/letsencrypt/live/mx/privkey.pem", "/w/live/mx/privkey.pem");
  text = replaced(text, "/etc/letsencrypt/live/mx/chain.pem", "\"/w/a, b/chain.pem\"");
  text = replaced(text, "/etc/letsencrypt/live/mx/fullchain.pem", "'''/w/it's/\"full\"chain.pem'''");
  CHECK(edited == text);
}
