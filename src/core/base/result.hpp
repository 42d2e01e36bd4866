// What can go wrong is a value. An Error says what happened, to what, and what to do next. The exit code is decided
// elsewhere (app/frame/exit_code.hpp).
#pragma once

#include "core/base/foreign_text.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace danectl {

enum class ErrorKind {
  failed,         // it was tried and did not work
  refused,        // danectl or a server does not do it, and time does not mend that: a person has to
  not_yet,        // not now: time, DNS or another try may mend it, or somebody else holds a lock
  not_found,      // nothing has the name that was given: a lineage, a configuration file
  invalid,        // a word of the command line, the configuration or another input is wrong
  no_permission,  // this user may not: what only shows things takes it for "unknown"
};

struct [[nodiscard]] Error {
  Error() = default;
  // What it is told may quote anybody: it is made printable.
  Error(ErrorKind the_kind, std::string_view the_what, std::string_view the_hint = {})
      : kind(the_kind), what(printable(the_what)), hint(printable(the_hint)) {}

  ErrorKind kind = ErrorKind::failed;
  std::string what;  // a sentence without the full stop: "cannot read /etc/x: Permission denied"
  std::string hint;  // what to do next; may be empty
};

inline Error failed(std::string_view what, std::string_view hint = {}) {
  return {ErrorKind::failed, what, hint};
}
inline Error not_found(std::string_view what, std::string_view hint = {}) {
  return {ErrorKind::not_found, what, hint};
}
inline Error invalid(std::string_view what, std::string_view hint = {}) {
  return {ErrorKind::invalid, what, hint};
}
inline Error not_yet(std::string_view what, std::string_view hint = {}) {
  return {ErrorKind::not_yet, what, hint};
}

// A value or an Error. `value()` REQUIRES ok(); `error()` REQUIRES !ok() (std::bad_variant_access
// otherwise, which is a bug and ends the program).
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : content_(std::in_place_index<0>, std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : content_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const { return content_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return std::get<0>(content_); }
  const T& value() const& { return std::get<0>(content_); }
  T&& value() && { return std::get<0>(std::move(content_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  [[nodiscard]] const Error& error() const { return std::get<1>(content_); }

 private:
  std::variant<T, Error> content_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : content_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const { return content_.index() == 0; }
  explicit operator bool() const { return ok(); }
  [[nodiscard]] const Error& error() const { return std::get<1>(content_); }

 private:
  std::variant<std::monostate, Error> content_;
};

using Status = Result<void>;

}  // namespace danectl
