#!/usr/bin/python3
"""tests/install on a machine that has servers of its own; apt and dpkg are stand-ins."""
from __future__ import annotations

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

INSTALL = Path(__file__).resolve().parents[1] / "install"


class Install(unittest.TestCase):
    """Nothing is installed here, and apt would do what `would` says."""

    def setUp(self) -> None:
        self.dir = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="danectl-install-")))
        self.would = self.dir / "would"
        self.stand_in("sudo", 'exec "$@"\n')
        # No service of this machine is looked at: a package has the files that the test says.
        self.stand_in("dpkg-query", f'[ "$1" != -L ] || cat "{self.dir}/files-$2" 2>/dev/null\n')
        self.stand_in("apt-get", f'echo "$*" >>"{self.dir}/asked"\n'
                                 f'case $* in *--simulate*) cat "{self.would}" ;; *install*) exit 100 ;; esac\n')

    def stand_in(self, name: str, script: str) -> None:
        (self.dir / name).write_text("#!/bin/sh\n" + script)
        (self.dir / name).chmod(0o755)

    def refused(self, *sections: str) -> str:
        """What it says when it refuses, having asked apt and done nothing."""
        path = f"{self.dir}:{os.environ.get('PATH', os.defpath)}"
        done = subprocess.run([INSTALL, *sections], cwd=self.dir, env={**os.environ, "PATH": path},
                              capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
        asked = (self.dir / "asked").read_text().splitlines() if (self.dir / "asked").exists() else []
        self.assertEqual([line for line in asked if " install " in line and "--simulate" not in line], [])
        return done.stderr

    def test_another_mail_server_is_not_removed_for_postfix(self) -> None:
        self.would.write_text("Remv exim4-daemon-light [4.96-15]\nInst postfix (3.7.11 Debian:12 [amd64])\n")
        self.assertIn("apt would remove: exim4-daemon-light\n", self.refused("tests"))

    def test_a_server_that_is_installed_is_not_replaced_by_a_newer_one(self) -> None:
        self.would.write_text("Inst bind9-libs [1:9.18.1] (1:9.18.2 Debian:12 [amd64])\n"
                              "Inst bind9 [1:9.18.1] (1:9.18.2 Debian:12 [amd64])\nInst bind9-dnsutils (1:9.18.2)\n")
        (self.dir / "files-bind9").write_text("/lib/systemd/system/named.service\n/usr/sbin/named\n")
        (self.dir / "files-bind9-libs").write_text("/usr/lib/libdns.so\n")
        self.assertIn("apt would replace, with the servers in them: bind9\n", self.refused("demo"))

    def test_the_demo_asks_for_no_mail_server_and_no_test_library(self) -> None:
        self.would.write_text("Remv something [1]\n")
        text = self.refused("build", "demo")
        self.assertIn(" certbot ", text)
        for package in ("postfix", "dovecot", "knot", "nsd", "pdns", "prometheus", "catch2"):
            self.assertNotIn(package, text)

    def test_a_section_that_is_not_there_is_an_error(self) -> None:
        self.assertEqual(self.refused("nonsense"), "install: packages.txt has no section nonsense\n")


if __name__ == "__main__":
    unittest.main()
