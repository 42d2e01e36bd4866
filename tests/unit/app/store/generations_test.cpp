#include "app/store/generations.hpp"

#include "app/store/store.hpp"
#include "fakes/deploy.hpp"
#include "fakes/test_lineage.hpp"

#include <catch2/catch.hpp>

#include <unistd.h>

using namespace danectl;

namespace {

// Two generations, the second deployed.
class TwoGenerations {
 public:
  TwoGenerations() {
    REQUIRE(open_store(files, paths, short_wait).ok());
    REQUIRE(deploy(files, paths, lineage, new_material()).value() == 1);
    REQUIRE(deploy(files, paths, lineage, second).value() == 2);
  }
  void point(const std::string& target) { REQUIRE(files.switch_link(live, target, {}).ok()); }
  void state_says(unsigned generation) {
    State state;
    state.name = lineage.name;
    state.current = CurrentKey{second.chain.leaf().key, generation, "x", {}, {}};
    REQUIRE(save_state(files, paths, state).ok());
  }
  Result<std::optional<DeployedFact>> deployed() { return read_deployed(files, paths, lineage.name); }
  std::string file(const std::string& name) { return paths.generation(lineage.name, 2) + "/" + name; }
  // What check_deployed finds; empty: nothing.
  std::string trouble() {
    const auto good = check_deployed(files, paths, lineage.name, **deployed());
    return good ? std::string() : good.error().what;
  }

  TemporaryFolder folder;
  PosixFiles files;
  Paths paths{folder.path()};
  LineageConfig lineage = [] {
    LineageConfig config;
    config.name = "mx.example.lab";
    return config;
  }();
  KeyAndChain second = new_material();
  std::string live = paths.live("mx.example.lab");
};

Chain chain_for(const std::string& key) {
  const WallTime now{std::chrono::sys_days{std::chrono::year(2030) / 1 / 1}};
  return parse_chain(test_ca().issue({"mx.example.lab"}, key, now, now + std::chrono::hours(24 * 90))).value();
}

}  // namespace

TEST_CASE_METHOD(TwoGenerations, "A link to a generation counts however it is written") {
  for (const std::string& target :
       {std::string("../generations/mx.example.lab/0001"), std::string("../generations/mx.example.lab/0001/"),
        paths.generation("mx.example.lab", 1), paths.generation("mx.example.lab", 1) + "/"}) {
    point(target);
    const auto found = deployed();
    REQUIRE(found.ok());
    CHECK((*found)->generation == 1);
  }
}

TEST_CASE_METHOD(TwoGenerations, "A link elsewhere is refused with the command that puts it right") {
  point(folder.path());
  CHECK(deployed().error().what == live + " points at " + folder.path() + ", which is no generation of this lineage");
  CHECK(deployed().error().hint == "ln -sfn ../generations/mx.example.lab/0002 " + live);
  point("/nonexistent");
  CHECK(deployed().error().what == live + " points at /nonexistent, which is not there");
}

TEST_CASE_METHOD(TwoGenerations, "The generation to point at is the one of the state, not the newest") {
  state_says(1);
  point("/nonexistent");
  CHECK(deployed().error().hint == "ln -sfn ../generations/mx.example.lab/0001 " + live);
}

TEST_CASE_METHOD(TwoGenerations, "A folder in place of the link is named as such") {
  REQUIRE(files.remove(live).ok());
  REQUIRE(files.make_folder(live, 0755).ok());
  CHECK(deployed().error().what == live + " is not a link to a generation");
  CHECK(deployed().error().hint ==
        "mv -T " + live + " " + live + ".plain && ln -sfn ../generations/mx.example.lab/0002 " + live);
}

TEST_CASE_METHOD(TwoGenerations, "A link that has gone can be told from a lineage that was never enrolled") {
  REQUIRE(files.remove(live).ok());
  CHECK_FALSE(deployed().value());
  const Error gone = nothing_deployed(files, paths, "mx.example.lab");
  CHECK(gone.what == live + " is not there, so it is not known what servers load");
  CHECK(gone.hint == "ln -sfn ../generations/mx.example.lab/0002 " + live);
  const Error never = nothing_deployed(files, paths, "other.example.lab");
  CHECK(never.what == "nothing was ever deployed for other.example.lab: it was not enrolled here");
  CHECK(never.hint ==
        "move its other.example.lab.toml away and enrol it again: danectl enroll other.example.lab --tlsa OWNER");
}

TEST_CASE_METHOD(TwoGenerations, "A whole generation has no trouble") {
  CHECK(trouble().empty());
}

TEST_CASE_METHOD(TwoGenerations, "Each file that a server may load is checked against the certificate") {
  const std::string foreign = test_key();
  struct Case {
    std::string name;
    std::string content;
    std::string why;
  };
  const std::string chain = second.chain.pem();
  for (const Case& one :
       {Case{"privkey.pem", foreign, " holds another key than that of the certificate"},
        Case{"privkey.pem", "junk", ": it holds no key, request or certificate in PEM or DER"},
        Case{"combined.pem", foreign + chain,
             ": it holds a key and a certificate of different keys, so which one is meant is unclear"},
        Case{"combined.pem", second.private_key, ": it holds no certificate in PEM"},
        Case{"cert.pem", new_material().chain.leaf_pem(), " holds other certificates than fullchain.pem"},
        Case{"chain.pem", chain, " holds other certificates than fullchain.pem"}}) {
    const std::string whole = files.read(file(one.name)).value();
    REQUIRE(files.write(file(one.name), one.content, {}).ok());
    CHECK(trouble() == file(one.name) + one.why);
    REQUIRE(files.write(file(one.name), whole, {}).ok());
  }
}

TEST_CASE_METHOD(TwoGenerations, "A file that is missing is named") {
  for (const char* name : {"privkey.pem", "combined.pem", "cert.pem", "chain.pem"}) {
    const std::string whole = files.read(file(name)).value();
    REQUIRE(files.remove(file(name)).ok());
    CHECK(trouble() == "cannot read " + file(name) + ": No such file or directory");
    REQUIRE(files.write(file(name), whole, {}).ok());
  }
}

TEST_CASE_METHOD(TwoGenerations, "Only generations that nobody may present and that no rollback wants are removed") {
  const std::string key = test_key();
  const auto renewed = [&] { return KeyAndChain{key, chain_for(key)}; };
  for (int i = 0; i < 3; ++i) REQUIRE(deploy(files, paths, lineage, renewed()).ok());
  const auto left_of = [&](const std::vector<PresentedGeneration>& presented) {
    REQUIRE(prune_generations(files, paths, lineage.name, presented).ok());
    return generations_on_disk(files, paths, lineage.name).value();
  };
  // 3, 4 and 5 have the deployed key; 2 is for `rollback`.
  CHECK(left_of({{1}, {5}}) == std::vector<unsigned>{1, 2, 3, 4, 5});
  CHECK(left_of({{3}, {5}}) == std::vector<unsigned>{2, 3, 4, 5});
}

TEST_CASE_METHOD(TwoGenerations, "A generation that a cut left complete and unused is taken up again") {
  const KeyAndChain third = new_material();
  CHECK(write_generation(files, paths, lineage, third).value() == 3);
  CHECK(write_generation(files, paths, lineage, third).value() == 3);
  CHECK((*deployed())->generation == 2);
  CHECK(write_generation(files, paths, lineage, new_material()).value() == 4);
}
