"""What `status` and the others say when something is wrong: it is named, and so is the way out."""
from __future__ import annotations

import json
import os
import shutil
import time
import unittest
from pathlib import Path

from host import Host, certbots_key, hosts_for, served_key
from lab import Result, run
from rollover import (RolloverTest, certbot_live, enroll, live, next_key, of_key, owner_of, publish, set_key,
                      status, wait_ready)
from watching import findings

PLAIN = owner_of("mx.plain.lab")


class Trouble(RolloverTest):
    """Each case takes a lineage of its own."""

    def staged(self, name: str) -> str:
        enroll(self.lab, name)
        self.lab.danectl("stage", name)
        return name

    def visible(self, name: str) -> str:
        self.staged(name)
        publish(self.lab, name)
        wait_ready(self.lab, name)
        return name

    def wait_for_cache(self) -> None:
        """The resolver forgets what it has: TTLs of two seconds, which it counts in whole ones."""
        time.sleep(3.2)

    def state_file(self, name: str) -> Path:
        return self.lab.state_dir / "lineages" / f"{name}.json"

    def says(self, code: int, *args: str) -> Result:
        """Nothing that is served differs afterwards."""
        with self.untouched():
            return self.lab.danectl(*args, expect=code)

    def test_aliases_in_a_circle_are_named(self) -> None:
        name = self.staged("circle.example.lab")
        owner = owner_of(name)
        self.lab.add(owner, 2, "CNAME x1.example.lab.")
        self.lab.add("x1.example.lab", 2, f"CNAME {owner}.")
        self.wait_for_cache()
        circle = f"the aliases of {owner} go in a circle: {owner} -> x1.example.lab -> {owner}"
        self.assertIn(circle, self.says(75, "promote", name).err)
        self.assertIn(circle, self.says(0, "status", name).out)

    def test_an_alias_into_an_unsigned_zone_names_the_zone_to_sign(self) -> None:
        name = self.staged("alias.example.lab")
        owner = owner_of(name)
        self.lab.add(owner, 2, f"CNAME {PLAIN}.")
        self.wait_for_cache()
        why = f"{owner} is an alias of {PLAIN}, which is not in a signed zone"
        self.assertIn(why, self.says(75, "promote", name).err)
        self.assertEqual(status(self.lab, name)["action"], {"what": f"sign the zone of {PLAIN}", "when": None, "why": why})

    def test_records_for_nsupdate_leave_out_what_has_no_known_place(self) -> None:
        one, other = self.staged("known.example.lab"), self.staged("unknown.example.lab")
        owner = owner_of(other)
        self.lab.add(owner, 2, f"CNAME {PLAIN}.")
        self.wait_for_cache()
        result = self.says(75, "records", one, other, "--format", "nsupdate")
        self.assertEqual(result.out, self.lab.danectl("records", one, "--format", "nsupdate").out)
        self.assertIn(f"the records of {owner} are left out", result.err)
        self.assertIn(f"{owner}. 2 IN TLSA", self.says(0, "records", other).out)
        (found,) = json.loads(self.says(0, "records", other, "--format", "json").out)["owners"]
        self.assertIsNone(found["canonical"])

    def test_a_resolver_without_an_answer_is_named_with_the_owner(self) -> None:
        name = self.staged("silent.example.lab")
        with self.lab.silence("ns1"), self.lab.silence("ns2"):
            self.wait_for_cache()
            result = self.says(75, "promote", name)
        self.assertRegex(result.err, f"(the resolver answers SERVFAIL for {owner_of(name)}|"
                                     f"no answer within 2 s for {owner_of(name)} from the resolver)")

    def test_a_lineage_that_certbot_lost_needs_a_person(self) -> None:
        name = self.visible("lost.example.lab")
        self.lab.certbot("delete", "--cert-name", name)
        shown = status(self.lab, name)
        self.assertEqual((shown["state"], shown["action"]["what"]), ("attention", f"mend certbot's lineage {name}"))
        self.assertIn(f"certbot certonly --cert-name {name} --reuse-key", shown["action"]["why"])

    # --- certbot's files, each on a host of its own; what is told puts them right and keeps the key

    def host(self, name: str) -> Host:
        return hosts_for(self.lab, [name], "--reload", "true")[name]

    def remedy(self, host: Host, name: str, says: str) -> str:
        """Of the one finding that `check` has about certbot's lineage."""
        (found,) = [one for one in findings(host, name) if one["id"] == "certbot-lineage-damaged"]
        self.assertIn(says, found["message"])
        return str(found["remedy"])

    def assert_mended(self, host: Host, name: str, command: str) -> None:
        run(["sh", "-ec", command])
        host.danectl("run")
        before = certbots_key(host, name)
        self.assertEqual(before, served_key(host, name))
        host.certbot("renew", "--cert-name", name, "--force-renewal")
        self.assertEqual(certbots_key(host, name), before)
        self.assertEqual([one for one in findings(host, name) if one["id"].startswith("certbot-")], [])

    def test_an_archive_that_is_gone_fails_each_run_and_is_made_again_from_what_is_deployed(self) -> None:
        name = "archive.example.lab"
        host = self.host(name)
        host.danectl("run")
        (host.certbot_dir / "archive" / name).rename(host.dir / "away")
        for _again in range(2):
            self.assertIn(f"certbot's archive of {name} is gone", host.danectl("run", expect=1).err)
        remedy = self.remedy(host, name, f"certbot's archive of {name} is gone")
        self.assert_mended(host, name, remedy[remedy.index("for kind in"):])

    def test_files_in_place_of_certbots_links_become_links_again(self) -> None:
        name = "flat.example.lab"
        host = self.host(name)
        host.danectl("run")
        folder, archive = certbot_live(host, name), host.certbot_dir / "archive" / name
        for keep_archive in (True, False):
            for link in folder.glob("*.pem"):
                content = link.read_bytes()
                link.unlink()
                link.write_bytes(content)
            if not keep_archive:
                shutil.rmtree(archive)
            self.assertIn("are not all links into", host.danectl("run", expect=1).err)
            remedy = self.remedy(host, name, "are not all links into")
            self.assert_mended(host, name, remedy[remedy.index("for kind in" if keep_archive else "mkdir -p"):])

    def test_paths_of_a_container_in_the_conf_are_told_and_how_to_let_them_lead_here(self) -> None:
        name = "container.example.lab"
        host = Host(self.lab, "container")
        host.issue(name)
        conf = host.certbot_dir / "renewal" / f"{name}.conf"
        inside = host.dir / "inside" / "letsencrypt"
        conf.write_text(conf.read_text().replace(str(host.certbot_dir), str(inside)))
        told = host.danectl("enroll", name, "--tlsa", owner_of(name), expect=2).err
        self.assertIn(f"says that its files are in {inside}/live/{name}, which does not exist", told)
        run(["sh", "-ec", told[told.index("mkdir -p"):]])
        host.danectl("enroll", name, "--tlsa", owner_of(name))
        host.danectl("run")
        self.assertEqual(certbots_key(host, name), served_key(host, name))

    def test_a_certbot_that_is_not_found_is_told_before_a_promotion_needs_it(self) -> None:
        name = "nowhere.example.lab"
        host = Host(self.lab, "nowhere")
        host.issue(name)
        host.write_config(certbot="certbot-of-nowhere")
        why = "cannot find the program certbot-of-nowhere on PATH"
        self.assertIn(why, host.danectl("enroll", name, "--tlsa", owner_of(name)).err)
        (found,) = [one for one in findings(host, name) if one["id"] == "certbot-not-found"]
        self.assertIn(why, found["message"])
        shown = " ".join(host.danectl("status", name).out.split())
        self.assertIn("nowhere.example.lab: attention", shown)
        self.assertIn(f"{found['message']} {found['remedy']}", shown)
        host.danectl("publish", name)
        self.lab.wait_published(owner_of(name), f"TLSA {of_key(host, live(host, name) / 'cert.pem')}")
        shown = status(host, name)
        self.assertEqual((shown["state"], shown["action"]["what"], shown["action"]["why"]),
                         ("attention", found["remedy"], found["message"]))
        host.write_config()
        self.assertNotIn(why, host.danectl("status", name).out)
        self.assertNotIn("certbot-not-found", [one["id"] for one in findings(host, name)])

    def test_a_damaged_deployed_file_needs_a_person_and_certbot_makes_it_whole(self) -> None:
        name = self.visible("damaged.example.lab")
        set_key(self.lab, name, "min_hold", "9d")
        (live(self.lab, name) / "combined.pem").unlink()
        shown = status(self.lab, name)
        self.assertEqual((shown["state"], shown["action"]["what"]),
                         ("attention", "mend the files of the deployed generation"))
        self.assertIn(f"certbot renew --force-renewal --cert-name {name}", shown["action"]["why"])
        self.assertIn("combined.pem: No such file", self.says(0, "status", name).out)
        served = self.lab.openssl_spki(live(self.lab, name) / "cert.pem")
        self.lab.certbot("renew", "--force-renewal", "--cert-name", name)
        self.lab.danectl("promote", name, expect=75)
        self.assertEqual(self.assert_key_fits_certificate(name), served)
        self.assertNotEqual(status(self.lab, name)["state"], "attention")

    def test_the_state_of_another_lineage_is_refused(self) -> None:
        one, other = self.staged("one.example.lab"), self.staged("other.example.lab")
        before = self.lab.snapshot(self.lab.state_dir)
        good = self.state_file(one).read_bytes()
        shutil.copy(self.state_file(other), self.state_file(one))
        for verb in ("status", "stage", "promote", "records"):
            self.assertIn(f"{one}.json is the state of {other} and not of {one}", self.says(1, verb, one).err)
        self.state_file(one).write_bytes(good)
        self.assertEqual(before, self.lab.snapshot(self.lab.state_dir))

    def test_pipes_in_place_of_files_are_not_waited_for(self) -> None:
        name = self.staged("pipe.example.lab")
        for path in (self.state_file(name), next_key(self.lab, name), certbot_live(self.lab, name) / "privkey.pem"):
            with self.subTest(path.name):
                good = path.resolve()
                good.rename(good.with_suffix(".good"))
                os.mkfifo(good)
                for verb in ("status", "promote"):
                    self.assertLess(self.lab.danectl(verb, name, expect=None).seconds, 60)
                good.unlink()
                good.with_suffix(".good").rename(good)

    def test_a_live_link_that_is_none_names_the_command_that_mends_it(self) -> None:
        name = self.staged("link.example.lab")
        link = live(self.lab, name)
        target = os.readlink(link)
        command = f"ln -sfn ../generations/{name}/0001 {link}"
        link.unlink()
        shutil.copytree(link.parent / target, link)
        served = self.lab.openssl_spki(link / "cert.pem")
        told = self.says(1, "stage", name).err
        self.assertIn(f"{link} is not a link to a generation\n  mv -T ", told)
        self.assertIn(command, told)
        run(["sh", "-ec", told.splitlines()[-1]])
        self.assertEqual(os.readlink(link), target)
        self.assertEqual(status(self.lab, name)["current"]["generation"], 1)
        self.assertTrue((link.parent / f"{name}.plain" / "privkey.pem").is_file(), "nothing is deleted")
        # As a copy that follows links leaves it, if the copy has no generations: the only place of the key.
        generations = (link.parent / target).parent
        link.unlink()
        shutil.copytree(generations / "0001", link)
        shutil.rmtree(generations)
        told = self.says(1, "stage", name).err
        run(["sh", "-ec", told.splitlines()[-1]])
        shown = status(self.lab, name)["current"]
        self.assertEqual((shown["generation"], self.lab.openssl_spki(link / "cert.pem")), (1, served))
        link.unlink()
        link.symlink_to("/etc")
        self.assertIn(command, self.says(1, "status", name).err)
        link.unlink()
        link.symlink_to(str((link.parent / target).resolve()) + "/")
        self.assertEqual(status(self.lab, name)["current"]["generation"], 1)

    def test_enroll_asks_about_an_owner_that_no_sender_comes_to(self) -> None:
        self.lab.issue("asked.example.lab")
        self.lab.add("asked.example.lab", 2, "A 127.0.0.25")
        for exchange in ("20 mx.example.lab.", "10 mx2.example.lab."):
            self.lab.add("two.example.lab", 2, f"MX {exchange}")
        cases = (("_25._tcp.example.lab", "the MX of example.lab is mx.example.lab, mx2.example.lab", "_25._tcp.mx."),
                 ("_25._tcp.two.example.lab", "is mx2.example.lab, mx.example.lab: ", "_25._tcp.mx2."),
                 ("_25._tcp.mx.example.lab.example.lab", "has neither an A nor an AAAA record",
                  "_25._tcp.mx.example.lab"),
                 ("_25._tcp.mx", "mx has neither an A nor an AAAA record", "whole name"),
                 ("_25._tcp.asked.example.lab", "", ""), ("_25._tcp.mx.example.lab", "", ""))
        for owner, what, hint in cases:
            with self.subTest(owner):
                said = self.lab.danectl("enroll", "asked.example.lab", "--tlsa", owner).err
                self.assertIn(what, said)
                self.assertIn(hint, said)
                self.assertEqual(said.count("warning: "), 1 if what else 0, said)
                self.lab.danectl("release", "asked.example.lab")
                url = f"smtp://{owner.removeprefix('_25._tcp.')}:25"
                said = self.lab.danectl("enroll", "asked.example.lab", "--probe", url).err
                self.assertIn(what, said)
                self.assertIn(hint, said)
                self.assertIn("`probe`" if hint.startswith("_25") else "", said)
                self.lab.danectl("release", "asked.example.lab")
        said = self.says(2, "enroll", "asked.example.lab", "--tlsa", "_25._tcp.mx.m\u00fcller.lab").err
        self.assertIn("in DNS it is _25._tcp.mx.xn--mller-kva.lab", said)

    def test_enroll_warns_of_records_that_hide_the_profiles(self) -> None:
        name = "foreign.example.lab"
        record = f"3 1 2 {'ab' * 64}"
        self.lab.add(owner_of(name), 2, f"TLSA {record}")
        self.lab.issue(name)
        result = self.lab.danectl("enroll", name, "--tlsa", owner_of(name))
        self.assertIn(f"{owner_of(name)} has a record of a kind that the profile does not name: {record}\n"
                      "  a sender may use only this digest", result.err)
        self.lab.add(owner_of(name), 2, f"TLSA 3 1 1 {self.lab.openssl_spki(live(self.lab, name) / 'cert.pem')}")
        shown = status(self.lab, name)
        self.assertEqual((shown["state"], shown["action"]["what"]),
                         ("broken", f"delete {record} at {owner_of(name)}"))


if __name__ == "__main__":
    unittest.main()
