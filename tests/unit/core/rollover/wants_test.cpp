#include "core/rollover/wants.hpp"

#include "fakes/looks.hpp"

#include <catch2/catch.hpp>

using namespace danectl;

namespace {

KeyId key(char digit) {
  return {std::string(64, digit), std::string(128, digit), KeyType::ecdsa_p256};
}

Association of(char digit, const std::string& group = "3 1 1") {
  return association_of(key(digit), Group::parse(group).value());
}

const std::vector<Group> of_keys{{3, 1, 1}};
const std::vector<Group> of_both{{3, 1, 1}, {2, 1, 1}};

// "current 3 1 1 a", in their order.
std::vector<std::pair<RecordRole, Association>> roles(const std::vector<Wanted>& wanted) {
  std::vector<std::pair<RecordRole, Association>> all;
  for (const Wanted& one : wanted) all.emplace_back(one.role, one.association);
  return all;
}

}  // namespace

TEST_CASE("Every line of the profile is wanted for the deployed chain and for each chain to come") {
  const ChainsOfLineage chains{
      ChainKeys{key('a'), key('e')}, ChainKeys{key('b'), key('f')}, {{key('c'), key('e')}}, {}};
  CHECK(roles(wanted_by(chains, of_both)) ==
        std::vector<std::pair<RecordRole, Association>>{{RecordRole::current, of('a')},
                                                        {RecordRole::current, of('e', "2 1 1")},
                                                        {RecordRole::next, of('b')},
                                                        {RecordRole::next, of('f', "2 1 1")},
                                                        {RecordRole::candidate, of('c')},
                                                        {RecordRole::candidate, of('e', "2 1 1")}});
}

TEST_CASE("A next key without a certificate is taken to come from the issuers of the deployed chain") {
  const ChainsOfLineage chains{ChainKeys{key('a'), key('e')}, ChainKeys{key('b'), std::nullopt}, {}, {}};
  CHECK(rrset_of(wanted_by(chains, of_both)) == RRset{of('e', "2 1 1"), of('a'), of('b')});
}

TEST_CASE("Of issuers that are configured the lines of usage 2 alone are wanted") {
  const ChainsOfLineage chains{ChainKeys{key('a'), key('e')}, {}, {}, {key('f')}};
  CHECK(rrset_of(wanted_by(chains, of_both)) == RRset{of('e', "2 1 1"), of('f', "2 1 1"), of('a')});
  CHECK(rrset_of(wanted_by(chains, of_keys)) == RRset{of('a')});
}

TEST_CASE("Where nothing is deployed and nothing is to come nothing is wanted") {
  CHECK(wanted_by({}, of_both).empty());
}

TEST_CASE("A record that is wanted for several reasons is in the RRset once") {
  const ChainsOfLineage chains{ChainKeys{key('a'), {}}, ChainKeys{key('a'), {}}, {{key('a'), {}}}, {}};
  CHECK(wanted_by(chains, of_keys).size() == 3);
  CHECK(rrset_of(wanted_by(chains, of_keys)) == RRset{of('a')});
}

TEST_CASE("Known of a key are the records that a profile can have, and no others") {
  CHECK(records_of({key('a')}) == RRset{of('a', "3 1 1"), of('a', "3 1 2")});
  CHECK(records_of({key('a'), KnownKey::Names::issuer}) == RRset{of('a', "2 1 1"), of('a', "2 1 2")});
}

TEST_CASE("The stronger digest of another key is in the way of a weaker one") {
  CHECK(records_in_the_way({key('a'), {}}, of_keys, {of('a'), of('e', "3 1 2")}) == RRset{of('e', "3 1 2")});
}

TEST_CASE("A stronger digest of the key's own keeps those of others from being in the way") {
  CHECK(records_in_the_way({key('a'), {}}, of_keys, {of('a'), of('a', "3 1 2"), of('e', "3 1 2")}).empty());
}

TEST_CASE("Only a digest of the same usage and selector is in the way, and only a usable one") {
  const RRset others{of('a'), record("2 1 2 " + std::string(128, 'e')), record("3 0 2 " + std::string(128, 'e')),
                     Association{{3, 1, 2}, "ee"}};
  CHECK(records_in_the_way({key('a'), {}}, of_keys, others).empty());
}
