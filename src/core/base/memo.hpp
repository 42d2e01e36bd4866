// What was made of a text once is not made again in the same call: reading a key or a certificate costs milliseconds,
// and the same few are read again and again.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

namespace danectl {

template <class Value>
class Memo {
 public:
  explicit Memo(std::size_t most_kept = 1000) : most_kept_(most_kept) {}
  // `key`: the text itself, or its digest: a memo of private keys must not keep them.
  std::optional<Value> find(const std::string& key) const {
    const auto found = values_.find(key);
    return found == values_.end() ? std::nullopt : std::optional<Value>(found->second);
  }
  void keep(const std::string& key, const Value& value) {
    if (values_.size() >= most_kept_) values_.clear();
    values_.insert_or_assign(key, value);
  }

 private:
  std::size_t most_kept_;
  std::map<std::string, Value> values_;
};

}  // namespace danectl
