#include "app/store/owner_book.hpp"

#include "app/store/lineages_by_name.hpp"
#include "app/store/store.hpp"
#include "fakes/looks.hpp"
#include "fakes/temporary_folder.hpp"
#include "system/host/posix_files.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace danectl;

namespace {

const DnsName target = name("tlsa.example.net");
const DnsName other_target = name("tlsa.example.org");

SeenAt look(double when, const RRset& records) {
  return LookBuilder(at(when)).server("ns1.example.com", records).done();
}

// All in one look.
Look look_of_all(const std::vector<SeenAt>& seen) {
  return {seen.front().when, seen.front().when, {seen.begin(), seen.end()}};
}

// The books of one call after another, on the same files.
class Books {
 public:
  Books() { REQUIRE(open_store(files, paths, short_wait).ok()); }
  OwnerBook after(const std::vector<SeenAt>& looks) {
    OwnerBook book;
    REQUIRE(book.note(files, paths, look_of_all(looks)).ok());
    REQUIRE(book.save(files, paths).ok());
    return book;
  }
  OwnerBook loaded(const std::vector<DnsName>& names) {
    OwnerBook book;
    REQUIRE(book.load(files, paths, names).ok());
    return book;
  }

  TemporaryFolder folder;
  PosixFiles files;
  Paths paths{folder.path()};
};

}  // namespace

TEST_CASE_METHOD(Books, "What one call saw the next one goes on from") {
  after({look(0, {record_of('a')})});
  const OwnerBook book = after({look(10, {record_of('b')})});
  const auto& ended = book.ledger(test_owner()).ended;
  CHECK(std::any_of(ended.begin(), ended.end(),
                    [](const EndedVersion& one) { return one.version.records == RRset{record_of('a')}; }));
  CHECK(loaded({test_owner()}).ledger(test_owner()) == book.ledger(test_owner()));
}

TEST_CASE_METHOD(Books, "What is noted is in no file before it is saved") {
  OwnerBook book;
  REQUIRE(book.note(files, paths, look_of_all({look(0, {record_of('a')})})).ok());
  CHECK(loaded({test_owner()}).ledger(test_owner()).servers.empty());
  CHECK(files.list(paths.ledgers()).value().empty());
  REQUIRE(book.save(files, paths).ok());
  CHECK(files.list(paths.ledgers()).value().size() == 1);
}

TEST_CASE_METHOD(Books, "A look that changes nothing writes nothing") {
  after({look(0, {record_of('a')})});
  OwnerBook book = after({look(120, {record_of('a')})});  // until then time is counted
  const std::string path = paths.ledger(test_owner());
  REQUIRE(files.remove(path).ok());
  REQUIRE(book.note(files, paths, look_of_all({look(130, {record_of('a')})})).ok());
  REQUIRE(book.save(files, paths).ok());
  CHECK_FALSE(*files.info(path));
}

TEST_CASE_METHOD(Books, "With an owner the names are loaded that its aliases lead or led to") {
  after({alias_look(0, test_owner(), target, {record_of('a')})});
  after({alias_look(10, test_owner(), other_target, {record_of('b')})});
  const OwnerBook book = loaded({test_owner()});
  CHECK(book.ledger(target).servers.size() == 1);
  CHECK(book.ledger(other_target).servers.size() == 1);
  CHECK(book.canonical(test_owner()) == other_target);
}

TEST_CASE_METHOD(Books, "Where an alias ends is as this look tells, and without one as the ledger has it") {
  after({alias_look(0, test_owner(), target, {record_of('a')})});
  OwnerBook book = loaded({test_owner()});
  CHECK(book.canonical(test_owner()) == target);
  CHECK_FALSE(book.looked_at(test_owner()));
  REQUIRE(book.note(files, paths, look_of_all({no_answer(at(10))})).ok());
  CHECK(book.looked_at(test_owner()));
  CHECK(book.canonical(test_owner()) == target);
  REQUIRE(book.note(files, paths, look_of_all({look(20, {})})).ok());
  CHECK(book.canonical(test_owner()) == test_owner());
}

TEST_CASE_METHOD(Books, "Aliases in a circle have an end, too") {
  OwnerBook book;
  REQUIRE(book.load(files, paths, {test_owner(), target}).ok());
  const auto alias_to = [](const DnsName& from, const DnsName& to) {
    const Version alias{.kind = Version::Kind::alias, .alias = to, .ttl = Seconds{60}};
    return Ledger{.name = from, .servers = {{name("ns1.example.com"), "192.0.2.1", alias}}};
  };
  book.replace(alias_to(test_owner(), target));
  book.replace(alias_to(target, test_owner()));
  const DnsName end = book.canonical(test_owner());
  CHECK((end == test_owner() || end == target));
}

TEST_CASE_METHOD(Books, "What was given before was last given at the end of the look that found it gone") {
  OwnerBook book = after({look(0, {record_of('a')})});
  REQUIRE(book.note(files, paths, {at(8), at(10), {look(8, {record_of('b')})}}).ok());
  CHECK(book.ledger(test_owner()).ended.front().until.at == at(10));
}

TEST_CASE_METHOD(Books, "A name that two owners lead to is noted once a look") {
  const DnsName other = name("_25._tcp.mx2.example.com");
  const OwnerBook book =
      after({alias_look(0, test_owner(), target, {record_of('a')}), alias_look(0, other, target, {record_of('a')})});
  CHECK(book.ledger(target).servers.size() == 1);
  CHECK(book.ledger(other).servers.size() == 1);
}

TEST_CASE_METHOD(Books, "A ledger that cannot be read is an error, and stays as it is") {
  REQUIRE(files.write(paths.ledger(test_owner()), "{", {}).ok());
  OwnerBook book;
  CHECK_FALSE(book.note(files, paths, look_of_all({look(0, {})})).ok());
  CHECK(files.read(paths.ledger(test_owner())).value() == "{");
}

TEST_CASE_METHOD(Books, "Each change of what is known is another edition, and no other look is") {
  OwnerBook book;
  REQUIRE(book.note(files, paths, look_of_all({look(0, {})})).ok());
  REQUIRE(book.note(files, paths, look_of_all({look(120, {})})).ok());
  const unsigned first = book.edition();
  REQUIRE(book.note(files, paths, look_of_all({look(121, {})})).ok());
  CHECK(book.edition() == first);
  REQUIRE(book.note(files, paths, look_of_all({look(122, {record_of('a')})})).ok());
  CHECK(book.edition() > first);
}

TEST_CASE_METHOD(Books, "The lineages on a name are those whose owners are it, lead there, or led there lately") {
  std::vector<LineageConfig> lineages(2);
  lineages[0].name = "one";
  lineages[0].tlsa = {test_owner()};
  lineages[1].name = "other";
  lineages[1].tlsa = {name("_25._tcp.mx2.example.com")};
  const auto names_at = [&](const DnsName& where, const OwnerBook& book, double now) {
    LineagesByName by_name;
    std::string names;
    for (const LineageConfig* one : by_name.at(where, lineages, book, at(now))) names += one->name + " ";
    return names;
  };
  OwnerBook book = after({alias_look(0, test_owner(), target, {}), alias_look(0, lineages[1].tlsa[0], target, {})});
  CHECK(names_at(target, book, 1) == "one other ");
  CHECK(names_at(test_owner(), book, 1) == "one ");
  CHECK(names_at(other_target, book, 1).empty());
  REQUIRE(book.note(files, paths, look_of_all({alias_look(1000, test_owner(), other_target, {})})).ok());
  CHECK(names_at(target, book, 1119) == "one other ");
  CHECK(names_at(target, book, 1120) == "other ");
  CHECK(names_at(other_target, book, 1001) == "one ");
  CHECK(owners_to(other_target, lineages[0], book, at(1001)) == std::vector<DnsName>{test_owner()});
  CHECK(owners_to(other_target, lineages[1], book, at(1001)).empty());
}

TEST_CASE_METHOD(Books, "A book of an owner has the ledgers of the alias of its host, and of what senders ask first") {
  const DnsName host = name("mx.example.com"), end = name("box.example.net");
  const DnsName expanded = name("_25._tcp.box.example.net");
  SeenAt below = look(0, {record_of('b')});
  below.owner = expanded;
  below.chain = {expanded};
  for (ServerAnswer& answer : below.answers) answer.qname = expanded;
  after({look(0, {record_of('a')}), alias_look(0, host, end, {}), below});
  const OwnerBook book = loaded({test_owner()});
  for (const DnsName& one : {host, end, expanded}) CHECK_FALSE(book.ledger(one).servers.empty());
}
