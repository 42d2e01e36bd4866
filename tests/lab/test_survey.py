"""danectl survey: a list of mail domains, among real name servers and mail servers."""
from __future__ import annotations

import collections
import contextlib
import csv
import io
import json
import signal
import subprocess
import time
import unittest
from collections.abc import Iterator
from typing import Any

from dns_filter import DnsFilter
from lab import Lab, Result, run
from lab_dns import NOWHERE, RESOLVER
from lab_mail import Chains
from mail_domains import HOSTS_OF_RETIRED, NEXT, OWN, RETIRED, CountingMailServer, add_mail_domains

ALL = [f"{name}.example.lab" for name in (
    "dane", "partly", "without", "unusable", "digests", "null", "implicit", "alias", "nowhere", "foreign", "none",
    *(f"retired{i}" for i in range(HOSTS_OF_RETIRED)))] + ["plain.lab", "bogus.lab"]


class Survey(unittest.TestCase):
    lab: Lab
    maxDiff = None

    @classmethod
    def setUpClass(cls) -> None:
        cls.lab = cls.enterClassContext(Lab())
        add_mail_domains(cls.lab)
        cls.chains = Chains(cls.lab.dir / "tls")

    def setUp(self) -> None:
        self.lab.write_config()
        self.list = self.lab.dir / "list"
        self.output = self.lab.dir / "output"
        self.output.unlink(missing_ok=True)
        self.write(*ALL)

    def write(self, *lines: str) -> None:
        self.list.write_text("".join(f"{line}\n" for line in lines))

    def survey(self, *options: str, expect: int | None = 0, rate: str = "0") -> Result:
        return self.lab.danectl("survey", str(self.list), "--rate", rate, *options, expect=expect)

    @contextlib.contextmanager
    def under_way(self, lines: int = 50, rate: int = 300) -> Iterator[subprocess.Popen[str]]:
        """A survey that has written so many of its lines."""
        command = [self.lab.program, "--config", str(self.lab.config), "survey", str(self.list), "--rate", str(rate),
                   "--output", str(self.output)]
        with subprocess.Popen(command, env=self.lab.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True) as child:
            self.lab.wait_until("it has written", lambda: self.output.exists() and
                                self.output.read_bytes().count(b"\n") >= lines, 30)
            yield child

    def surveyed(self, *options: str) -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
        return self.surveyed_at(0, *options)

    def surveyed_at(self, rate: int, *options: str) -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
        """Each domain's line, and the summary."""
        result = self.survey("--format", "json", *options, rate=str(rate))
        *lines, summary = map(json.loads, result.out.splitlines())
        for line in lines:
            self.assertEqual(line["version"], 1)
        return {line["domain"]: line for line in lines}, summary["summary"]


class Lines(Survey):
    def test_each_kind_of_domain_has_its_line(self) -> None:
        found, summary = self.surveyed()
        self.assertEqual(list(found), ALL, "in the order of the list")
        ways = {name.removesuffix(".example.lab"): (line["way"], line["mx"], line["dnssec"])
                for name, line in found.items()}
        self.assertEqual(ways | {f"retired{i}": None for i in range(HOSTS_OF_RETIRED)}, {
            "dane": ("dane", "exchanges", "secure"), "partly": ("partly", "exchanges", "secure"),
            "without": ("without", "exchanges", "secure"), "unusable": ("without", "exchanges", "secure"),
            "digests": ("dane", "exchanges", "secure"), "null": ("no-mail", "null-mx", "secure"),
            "implicit": ("dane", "implicit", "secure"), "alias": ("dane", "exchanges", "secure"),
            "nowhere": ("no-mail", "exchanges", "secure"), "foreign": ("without", "exchanges", "secure"),
            "none": ("no-mail", "none", "secure"),
            "plain.lab": ("without", "exchanges", "insecure"), "bogus.lab": ("held", "unknown", "bogus"),
            **{f"retired{i}": None for i in range(HOSTS_OF_RETIRED)}})
        (host,) = found["dane.example.lab"]["exchanges"]
        self.assertEqual((host["host"], host["owner"], host["records"], host["shared"], host["probe"]),
                         ("mx.example.lab", "_25._tcp.mx.example.lab", sorted([OWN, NEXT]), False, None))
        self.assertTrue(found["partly.example.lab"]["exchanges"][0]["shared"])
        (alias,) = found["alias.example.lab"]["exchanges"]
        self.assertEqual((alias["host"], alias["owner"]), ("cn.alias.lab", "_25._tcp.mx.example.lab"))
        self.assertEqual(found["unusable.example.lab"]["exchanges"][0]["faults"], ["unusable"])
        self.assertEqual(found["digests.example.lab"]["exchanges"][0]["faults"], ["digests"])
        self.assertRegex(found["bogus.lab"]["why"], "^bogus: .*DS")
        self.assertEqual(summary["ways"], {"dane": 4 + HOSTS_OF_RETIRED, "partly": 1, "without": 4, "held": 1,
                                           "no-mail": 3, "unknown": 0})

    def test_a_domain_with_many_hosts_costs_no_more_than_one_with_32(self) -> None:
        add_mail_domains(self.lab, [line for i in range(90) for line in (
            f"crowd MX {i} mxc{i}.example.lab.", f"mxc{i} A 127.0.0.26", f"_25._tcp.mxc{i} TLSA {OWN}")])
        add_mail_domains(self.lab, [f"group MX {i} mxc{i}.example.lab." for i in range(32)])
        self.write("crowd.example.lab", "group.example.lab", "dane.example.lab")
        found, summary = self.surveyed()
        self.assertEqual([(len(line["exchanges"]), line["exchanges_left_out"], line["way"]) for line in found.values()],
                         [(32, 58, "dane"), (32, 0, "dane"), (1, 0, "dane")])
        self.assertEqual([host["host"] for host in found["crowd.example.lab"]["exchanges"]],
                         [f"mxc{i}.example.lab" for i in range(32)])
        for form in ("text", "csv"):
            lines = self.survey("--format", form).out.splitlines()
            crowd, group = (next(line for line in lines if name in line) for name in ("crowd", "group"))
            self.assertIn("32 of 90 hosts asked", crowd)
            self.assertNotIn("hosts asked", group)

    def test_the_digest_of_a_retired_ca_stands_out(self) -> None:
        _, summary = self.surveyed()
        self.assertEqual(summary["records"][0], {"record": RETIRED, "at_least": HOSTS_OF_RETIRED,
                                                 "at_most": HOSTS_OF_RETIRED, "probed": None, "served": None})
        self.assertEqual(summary["providers"][0]["provider"], "example.lab")
        text = self.survey().out
        self.assertIn(f"     {HOSTS_OF_RETIRED} hosts\n        {RETIRED}\n", text)

    def test_the_text_is_a_line_a_domain_of_at_most_80_columns(self) -> None:
        lines, summary = self.survey().out.split("\n\n")
        self.assertEqual(len(lines.splitlines()), 1 + len(ALL))
        for line in [*lines.splitlines(), *summary.splitlines()]:
            self.assertLessEqual(len(line), 80, line)
        self.assertIn("dane.example.lab        dane    mx.example.lab 2x 3 1 1\n", lines)
        self.assertIn("null.example.lab        no-mail it takes no mail (null MX)\n", lines)

    def test_csv_is_read_by_others_and_has_no_formulas(self) -> None:
        self.write(*ALL, "-formula.example.lab", "=cmd|' /C calc'!A0")
        result = self.survey("--format", "csv")
        rows = list(csv.DictReader(io.StringIO(result.out, newline="")))
        self.assertEqual([row["domain"] for row in rows], [*ALL, "'-formula.example.lab", ""])
        self.assertEqual(rows[0]["records"], f"mx.example.lab {', '.join(sorted([OWN, NEXT]))}")
        for row in rows:
            for field in row.values():
                self.assertNotIn(field[:1], tuple("=+-@"))
        self.assertEqual(rows[-1]["way"], "error")
        self.assertIn("domains", result.err, "the summary is no part of the rows")

    def test_a_broken_line_is_an_error_line_and_never_the_end(self) -> None:
        self.list.write_bytes(b"\xef\xbb\xbf# a list\r\n\r\ndane.example.lab\r\ndane.example.lab MX 10 mx\n"
                              b"postmaster@dane.example.lab\n192.0.2.1\n\x1b[31mred\x00\n\xff\xfe\n" + b"x" * 100000 +
                              b"\nb\xc3\xbccher.example.lab # a comment\nDANE.example.lab.\npartly.example.lab")
        *lines, summary = map(json.loads, self.survey("--format", "json").out.splitlines())
        self.assertEqual([line["line"] for line in lines], [3, 4, 5, 6, 7, 8, 9, 10, 12])
        self.assertEqual([line.get("domain") for line in lines],
                         ["dane.example.lab", *[None] * 6, "xn--bcher-kva.example.lab", "partly.example.lab"])
        self.assertEqual((summary["summary"]["repeated"], summary["summary"]["errors"]), (1, 6))
        text = self.survey().out
        self.assertNotIn("\x1b", text)
        self.assertIn("line 4: 'dane.example.lab MX 10 mx' is more than one word", text)

    def test_standard_input_is_a_list_too(self) -> None:
        result = self.lab.danectl("survey", "-", "--format", "json", "--rate", "0", input="dane.example.lab\n")
        self.assertEqual(json.loads(result.out.splitlines()[0])["way"], "dane")

    def test_a_silent_server_costs_its_own_domain_alone(self) -> None:
        self.write(*ALL, "alias.lab", "dane2.example.lab")
        self.lab.write_config(dns={"resolver": "recursive"})
        with self.lab.silence("alias"):
            start = time.monotonic()
            found, _ = self.surveyed()
        self.assertLess(time.monotonic() - start, 15)
        self.assertEqual((found["alias.lab"]["way"], found["dane.example.lab"]["way"]), ("unknown", "dane"))
        self.assertIn("no answer", found["alias.lab"]["why"])

    def test_without_dns_nothing_is_written_and_the_code_is_75(self) -> None:
        self.lab.write_config(dns={"resolver": [NOWHERE]})
        result = self.survey("--output", str(self.output), expect=75)
        self.assertIn("DNS gives no answer", result.err)
        self.assertEqual(result.out, "")
        self.assertNotIn("example.lab", self.output.read_text())


class GoingOn(Survey):
    def test_what_was_killed_goes_on_where_it_stopped(self) -> None:
        names = [f"d{i}.example.lab" for i in range(3000)]
        self.write(*names, "dane.example.lab")
        for form in ("json", "csv", "text"):
            with self.subTest(form):
                self.output.unlink(missing_ok=True)
                command = [self.lab.program, "--config", str(self.lab.config), "survey", str(self.list), "--format",
                           form, "--rate", "1000", "--output", str(self.output)]
                with subprocess.Popen(command, env=self.lab.env, stdout=subprocess.DEVNULL) as child:
                    self.lab.wait_until("it has written", lambda: self.output.exists() and
                                        self.output.read_bytes().count(b"\n") > 100, 30)
                    child.send_signal(signal.SIGKILL)
                before = self.output.read_bytes()
                whole = before[:before.rindex(b"\n") + 1]
                self.output.write_bytes(whole + whole.splitlines()[-1][:9])  # and a beginning
                self.assertLess(whole.count(b"\n"), 3001)
                result = self.survey("--format", form, "--output", str(self.output))
                after = self.output.read_bytes()
                self.assertTrue(after.startswith(whole))
                self.assertEqual(after.count(b"\n"), 3001 + (form != "json"))
                self.assertIn(b"d2999.example.lab", after.splitlines()[-2])
                if form == "json":
                    self.assertEqual(json.loads(result.out)["summary"]["domains"], 3001)
                else:
                    self.assertIn("that the output had before this call", result.out)
                again = self.survey("--format", form, "--output", str(self.output))
                self.assertEqual(self.output.read_bytes(), after, "nothing is left to do")
                if form == "json":
                    self.assertEqual(again.out, result.out)

    def test_a_last_line_that_is_not_whole_goes_also_where_the_list_is_done(self) -> None:
        for form in ("json", "csv", "text"):
            with self.subTest(form):
                self.list.write_text("dane.example.lab\npartly.example.lab")  # without an end
                self.output.unlink(missing_ok=True)
                self.survey("--format", form, "--output", str(self.output))
                whole = self.output.read_bytes()
                for rest in (whole.splitlines()[-1], whole.splitlines()[-1][:9]):
                    self.output.write_bytes(whole + rest)
                    self.survey("--format", form, "--output", str(self.output))
                    self.assertEqual(self.output.read_bytes(), whole)
                self.output.write_bytes(whole.rstrip(b"\r\n"))
                self.survey("--format", form, "--output", str(self.output))
                self.assertEqual(self.output.read_bytes().count(b"\n"), whole.count(b"\n"))
                self.assertIn(b"partly", self.output.read_bytes().splitlines()[-1])

    def test_a_file_that_is_not_of_this_survey_is_refused_and_kept(self) -> None:
        self.survey("--format", "json", "--output", str(self.output))
        of_json = self.output.read_text()
        self.write("another.example.lab", *ALL)
        for content, form, why in ((of_json, "text", "format text"), (of_json, "csv", "format csv"),
                                   (of_json, "json", "another list"), ("precious", "json", "format json"),
                                   ("precious\n", "json", "format json"), ("precious", "text", "format text"),
                                   ("\0" * 3000000, "json", "no survey")):
            with self.subTest(content=content[:20], form=form):
                self.output.write_text(content)
                result = self.survey("--format", form, "--output", str(self.output), expect=2)
                self.assertIn(why, result.err)
                self.assertEqual(self.output.read_text(), content)

    def test_when_dns_is_gone_no_domain_is_written_as_unknown(self) -> None:
        self.write(*(f"d{i}.example.lab" for i in range(2000)))
        self.lab.write_config(dns={"timeout": "2s"})
        with self.under_way() as child:
            self.lab.kill("unbound")
            try:
                _, err = child.communicate(timeout=60)
            finally:
                self.lab.start("unbound")
        self.assertEqual(child.returncode, 75, err)
        self.assertIn("DNS gives no answer", err)
        self.assertNotIn("unknown", self.output.read_text())
        self.survey("--output", str(self.output))
        self.assertEqual(self.output.read_text().count("no-mail"), 2000)

    def test_a_signal_ends_it_with_a_summary_and_75(self) -> None:
        self.write(*(f"d{i}.example.lab" for i in range(5000)))
        with self.under_way() as child:
            child.send_signal(signal.SIGINT)
            out, err = child.communicate(timeout=10)
        self.assertEqual(child.returncode, 75)
        self.assertIn("the same call goes on where it stopped", err)
        self.assertRegex(out, r"^\d+ domains\n")
        self.assertTrue(self.output.read_text().endswith("\n"))


class Rate(Survey):
    """Counted where the questions arrive, those that validation brings included. Over two seconds, with half a second of
    tolerance, as a busy machine delivers late and together."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.names = [f"r{i}.{name}" for i in range(40) for name in ("a", "b", "c")]
        add_mail_domains(cls.lab, [line for name in cls.names for line in (
            f"{name} MX 10 mx.{name}.example.lab.", f"mx.{name} A 127.0.0.26", f"_25._tcp.mx.{name} TLSA {OWN}")])

    def assert_keeps_to(self, rate: int, address: str, to: str, slowest: float) -> None:
        """At one server, which stands at this address and passes on what it is asked."""
        self.write(*(f"{name}.example.lab" for name in self.names), "plain.lab")
        times: list[float] = []
        with DnsFilter([address], to=to, rule=lambda _name, _kind: times.append(time.monotonic())):
            found, _ = self.surveyed_at(rate)
        self.assertEqual({line["way"] for line in found.values()}, {"dane", "without"}, found["plain.lab"])
        most = max(sum(start <= other < start + 2 for other in times) for start in times)
        self.assertLessEqual(most, rate * 2.5)
        self.assertGreaterEqual(len(times) / (times[-1] - times[0]), rate * slowest, "and it is not much slower")

    def test_a_resolver_gets_no_more_in_any_second(self) -> None:
        address = "127.0.0.54"
        run(["ip", "addr", "replace", f"{address}/8", "dev", "lo"])
        self.lab.write_config(dns={"resolver": [address], "timeout": "5s"})
        for rate in (50, 200):
            self.assert_keeps_to(rate, address, RESOLVER, 0.4)

    def test_what_was_begun_is_finished_before_the_rest_is_asked(self) -> None:
        """So that a slow survey writes from its first second on, and who ends it loses little."""
        address = "127.0.0.54"
        run(["ip", "addr", "replace", f"{address}/8", "dev", "lo"])
        self.lab.write_config(dns={"resolver": [address], "timeout": "5s"})
        self.write(*(f"{name}.example.lab" for name in self.names))
        questions: list[str] = []
        with DnsFilter([address], to=RESOLVER, rule=lambda name, _kind: questions.append(name)):
            with self.under_way(lines=1, rate=50) as child:
                before = len(questions)
                child.communicate(timeout=60)
        self.assertEqual(child.returncode, 0)
        self.assertLess(before, len(questions) / 2)

    def test_a_name_server_gets_no_more_in_any_second(self) -> None:
        self.lab.write_config(dns={"resolver": "recursive", "timeout": "5s"})
        with self.lab._without("ns2"):
            self.lab.kill("ns2")
            try:
                self.assert_keeps_to(100, "127.0.0.32", "127.0.0.31", 0.05)
            finally:
                self.lab.start("ns2")


class Probe(Survey):
    def test_each_host_is_asked_once_with_two_connections_at_most(self) -> None:
        chain = self.chains.make("mx.example.lab", "ec")
        served = f"3 1 1 {self.lab.openssl_spki(chain)}"
        add_mail_domains(self.lab, [
            "p1 A 127.0.0.25", f"_25._tcp.p1 TLSA {served}", f"_25._tcp.p1 TLSA {NEXT}",
            "p2 A 127.0.0.26", f"_25._tcp.p2 TLSA {RETIRED}",
            "p3 A 127.0.0.27", f"_25._tcp.p3 TLSA {served}", f"_25._tcp.p3 TLSA {RETIRED}",
            "p4 A 127.0.0.25", f"_25._tcp.p4 TLSA {served}",  # the address of p1
            "p5 A 127.0.0.27", f"_25._tcp.p5 TLSA {OWN}",  # that of p3, which may come first or second
            "p6 A 127.0.0.14", f"_25._tcp.p6 TLSA {OWN}",  # nobody listens there
            *(f"probed{i} MX 10 p{i}.example.lab." for i in range(1, 7)), "again MX 10 p1.example.lab."])
        self.write(*(f"probed{i}.example.lab" for i in range(1, 7)), "again.example.lab", "without.example.lab")
        with CountingMailServer(["127.0.0.25", "127.0.0.26", "127.0.0.27"], chain) as server:
            found, summary = self.surveyed("--probe")
        hosts = {name.split(".")[0]: line["exchanges"][0] for name, line in found.items()}
        verdicts = {name: (host["probe"] or {}).get("verdict") for name, host in hosts.items()}
        self.assertIn(verdicts.pop("probed5"), ("mismatch", "not-probed"))
        self.assertEqual(verdicts, {"probed1": "verified", "probed2": "mismatch", "probed3": "verified",
                                    "probed4": "verified", "probed6": "no-handshake", "again": "verified",
                                    "without": None})
        self.assertEqual([hosts[f"probed{i}"]["faults"] for i in (1, 2, 3)], [[], ["stale"], ["mixed"]])
        self.assertEqual(hosts["probed1"]["probe"]["served"], [served])
        by_address = collections.Counter(address for address, _ in server.connections)
        self.assertEqual(set(by_address), {"127.0.0.25", "127.0.0.26", "127.0.0.27"})
        self.assertLessEqual(max(by_address.values()), 2, server.connections)
        self.assertEqual(len({name for _, name in server.connections} - {None}), 3, server.connections)
        (retired,) = (entry for entry in summary["records"] if entry["record"] == RETIRED)
        self.assertEqual((retired["probed"], retired["served"]), (2, 0))


if __name__ == "__main__":
    unittest.main()
