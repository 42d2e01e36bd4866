#include "core/dns/a_label.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

TEST_CASE("A label beyond ASCII is written as its A-label") {
  CHECK(with_a_labels("mx.müller.example") == "mx.xn--mller-kva.example");
  CHECK(with_a_labels("BÜCHER.example") == "xn--bcher-kva.example");
  CHECK(with_a_labels("例え.テスト") == "xn--r8jz45g.xn--zckzah");
  CHECK(with_a_labels("пример.испытание") == "xn--e1afmkfd.xn--80akhbyknj4f");
  CHECK(with_a_labels("παράδειγμα.δοκιμή") == "xn--hxajbheg2az3al.xn--jxalpdlp");
  CHECK(with_a_labels("straße.example") == "xn--strae-oqa.example");
  CHECK(with_a_labels("_25._tcp.Mx.example.com") == "_25._tcp.mx.example.com");
}

TEST_CASE("What only a table could tell has no A-label here") {
  CHECK(with_a_labels("mu\u0308ller.example") == "xn--mller-kva.example");  // the accent by itself
  CHECK_FALSE(with_a_labels("m\xfcller.example"));                          // Latin-1
  CHECK_FALSE(with_a_labels("m\xc0\xafller.example"));                      // overlong
  CHECK_FALSE(with_a_labels("m\xc3"));
  CHECK_FALSE(with_a_labels(std::string(2000, 'a')));
}
