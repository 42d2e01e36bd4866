"""`danectl enroll`: a dry run, the choice on a terminal, and the next steps, those alone that are still open."""
from __future__ import annotations

import contextlib
import os
import pty
import re
import unittest

from fresh_server import OTHER, FreshServer
from lab import Lab, Result, run
from rollover import certbot_live, install_hook, lineage_toml, live
from watching import NAME, SMTP, configure


def steps(result: Result) -> dict[int, tuple[str, str]]:
    """By their number: what, and how."""
    found = re.findall(r"(?m)^  (\d+)\. (.+)\n     (.+)$", result.out)
    return {int(number): (what, how) for number, what, how in found}


def on_terminal(lab: Lab, env: dict[str, str], answers: str, *args: str) -> tuple[int, str]:
    """Exit code, and what a terminal shows."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(env)
        os.environ.pop("NO_COLOR", None)
        os.execv(lab.program, [lab.program, "--config", str(lab.config), *args])
    os.write(terminal, answers.encode())
    shown = b""
    with contextlib.suppress(OSError):  # the other end is closed
        while some := os.read(terminal, 4096):
            shown += some
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode().replace("\r\n", "\n")


class Enroll(FreshServer):
    def setUp(self) -> None:
        configure(self.lab)

    def tearDown(self) -> None:
        for name in (NAME, OTHER):
            if lineage_toml(self.lab, name).exists():
                self.lab.danectl("release", name, expect=None)

    def test_the_next_steps_are_those_that_are_open(self) -> None:
        configure(self.lab, publish={"method": "print"})
        said = steps(self.lab.danectl("enroll", NAME, "--probe", SMTP, env=self.env))
        self.assertEqual(list(said), list(range(1, len(said) + 1)))
        for part in ("smtpd_tls_chain_files=", "renewal-hooks/deploy/00-danectl", "reuse-key = true", "set `reload`",
                     "[publish]", f"danectl stage {NAME}"):
            self.assertEqual(len([how for _what, how in said.values() if part in how]), 1, (part, said))
        self.assertTrue(any("danectl run has never ended" in what for what, _how in said.values()), said)

    def test_what_is_done_is_no_step(self) -> None:
        install_hook(self.lab, "deploy", f"exec {self.lab.program} --config {self.lab.config} deploy-hook", "00-danectl")
        self.lab.cli_ini.parent.mkdir(parents=True, exist_ok=True)
        self.lab.cli_ini.write_text("reuse-key = true\n")
        self.lab.danectl("enroll", OTHER, "--tlsa", f"_25._tcp.{OTHER}")
        self.lab.danectl("run")  # as the timer would
        run(["postconf", "-e", f"smtpd_tls_chain_files={live(self.lab, NAME)}/combined.pem"], env=self.env)
        try:
            said = steps(self.lab.danectl("enroll", NAME, "--probe", SMTP, "--reload", "true", env=self.env))
            self.assertEqual([how for _what, how in said.values()], [f"danectl stage {NAME} && danectl publish {NAME}"])
        finally:
            self.lab.cli_ini.unlink()
            (self.lab.certbot_dir / "renewal-hooks" / "deploy" / "00-danectl").unlink()
            (self.lab.state_dir / "last-run").unlink(missing_ok=True)
            theirs = certbot_live(self.lab, NAME)
            run(["postconf", "-e", f"smtpd_tls_chain_files={theirs}/privkey.pem {theirs}/fullchain.pem"], env=self.env)

    def test_the_probe_is_asked_at_once(self) -> None:
        presented = f"{SMTP} at 127.0.0.25 presents"
        planned = self.lab.danectl("enroll", NAME, "--probe", SMTP, "--dry-run").out
        self.assertIn(presented, planned)
        self.assertIn(f"{presented} the deployed key\n", self.lab.danectl("enroll", NAME, "--probe", SMTP).out)
        self.assertIn(f"{presented} another key than the deployed one\n",
                      self.lab.danectl("enroll", OTHER, "--tlsa", f"_25._tcp.{OTHER}", "--probe", SMTP).out)

    def test_a_dry_run_shows_what_would_be_written_and_changes_nothing(self) -> None:
        before = self.lab.snapshot(self.lab.certbot_dir, self.lab.config.parent, self.lab.state_dir)
        said = self.lab.danectl("enroll", NAME, "--probe", SMTP, "--rollover", "90d", "--dry-run").out
        self.assertIn('\n  rollover = "90d"\n', said)
        self.assertIn(f'\n  probe = ["{SMTP}"]\n', said)
        self.assertEqual(self.lab.snapshot(self.lab.certbot_dir, self.lab.config.parent, self.lab.state_dir), before)
        self.assertIn("90x", self.lab.danectl("enroll", NAME, "--probe", SMTP, "--rollover", "90x", expect=2).err)
        self.lab.danectl("enroll", NAME, "--probe", SMTP, "--rollover", "90d")
        self.assertIn('\nrollover = "90d"\n', lineage_toml(self.lab, NAME).read_text())

    def test_on_a_terminal_a_person_chooses(self) -> None:
        for answers, code, says in (("\n", 2, "nothing was chosen"), ("7\n", 2, '"7" is not in the list'),
                                    ("\x04", 2, "nothing was chosen")):
            with self.subTest(answers):
                self.assertEqual((code, says in (shown := on_terminal(self.lab, self.env, answers, "enroll"))[1]),
                                 (shown[0], True), shown)
                self.assertFalse(lineage_toml(self.lab, NAME).exists())
        code, shown = on_terminal(self.lab, self.env, "1\n\n", "enroll", "--rollover", "90d")
        self.assertEqual(code, 0, shown)
        self.assertIn(f"  1  {NAME}\n       certificate of {NAME}; --probe {SMTP}\n  2  {OTHER}\n", shown)
        written = lineage_toml(self.lab, NAME).read_text()
        self.assertIn(f'probe = ["{SMTP}"]', written)
        self.assertIn('rollover = "90d"', written)
        code, shown = on_terminal(self.lab, self.env, f"{OTHER}\nsmtp://{OTHER}:25@127.0.0.25\n", "enroll")
        self.assertEqual(code, 0, shown)
        self.assertNotIn(f"  {NAME}\n", shown)
        self.assertIn("@127.0.0.25", lineage_toml(self.lab, OTHER).read_text())
        self.assertIn("certbot has no lineage that is not enrolled", on_terminal(self.lab, self.env, "", "enroll")[1])

    def test_without_a_terminal_a_name_is_wanted(self) -> None:
        self.assertIn("enroll wants the NAME", self.lab.danectl("enroll", "--probe", SMTP, expect=2).err)


if __name__ == "__main__":
    unittest.main()
