// certbot's cli.ini, as far as it decides about the key of a renewal: what stands there wins over the renewal conf.
// Pure.
#pragma once

#include "core/base/result.hpp"
#include "core/keys/key_id.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace danectl {

struct CliSetting {
  // key-type, rsa-key-size, elliptic-curve, new-key, reuse-key or no-reuse-key, also where the line has another form
  std::string key;
  std::string value;  // without quotes and comment; "true" where the line has none
  std::string file;
  int line = 0;  // from 1
};

// As certbot's ConfigArgParse reads it. Of a key that is there twice the last line counts; other keys and lines that
// certbot cannot read are passed over.
std::vector<CliSetting> read_cli_ini(std::string_view text, const std::string& file);

// Whether certbot keeps the key of a lineage also where neither its command line nor the renewal conf says so.
bool reuses_keys_by_default(const std::vector<CliSetting>& settings);

// What in these files, in the order in which certbot reads them (a later one wins), keeps `certbot renew` from going on
// with a key of this type: it refuses, or it makes another key. Nothing: it goes on, if the renewal conf says so too.
std::optional<Error> against_reuse(const std::vector<CliSetting>& settings, KeyType type);

}  // namespace danectl
