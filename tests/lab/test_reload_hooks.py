"""hooks/reload: a server loads a new key, and keeps the old one where its configuration cannot be read."""
from __future__ import annotations

import os
import shutil
import unittest
from pathlib import Path

from lab import Lab, Result, run
from lab_mail import Chains, MailboxServer, presented

HOOK = Path(__file__).resolve().parents[2] / "hooks" / "reload" / "dovecot"
MAIN_CONF = Path("/etc/dovecot/dovecot.conf")
HOST = "mx.example.lab"


class Dovecot(unittest.TestCase):
    lab: Lab

    def setUp(self) -> None:
        self.lab = self.enterContext(Lab())
        self.chains = Chains(self.lab.dir / "tls")
        self.served = self.lab.dir / "served.pem"
        self.serve("old")
        self.dovecot = self.enterContext(MailboxServer(self.lab, chain_files=[self.served]))
        # The hook asks Dovecot as it is installed.
        run(["mount", "--bind", self.dovecot.folder / "dovecot.conf", MAIN_CONF])
        self.addCleanup(run, ["umount", MAIN_CONF])

    def serve(self, label: str) -> str:
        """The digest of a new key in the file that Dovecot names."""
        shutil.copyfile(self.chains.make(HOST, file=f"{label}.pem"), self.served)
        return self.lab.openssl_spki(self.served)

    def reload(self, expect: int) -> Result:
        return run([HOOK], env=self.lab.env, expect=expect)

    def presents(self, digest: str) -> bool:
        return presented(self.lab, HOST, 993) == digest

    def test_a_new_key_is_loaded(self) -> None:
        new = self.serve("new")
        self.reload(expect=0)
        self.lab.wait_until("Dovecot presents the new key", lambda: self.presents(new))

    def test_a_file_that_is_missing_is_noticed_and_the_old_key_stays(self) -> None:
        old = self.lab.openssl_spki(self.served)
        os.remove(self.served)
        refused = self.reload(expect=1)
        self.assertIn("not reloaded", refused.err)
        self.assertIn(str(self.served), refused.err)
        self.assertTrue(self.presents(old))


if __name__ == "__main__":
    unittest.main()
