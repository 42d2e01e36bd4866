"""A mail server with certbot, before danectl: what `enroll` finds."""
from __future__ import annotations

import unittest

from lab import Lab
from lab_mail import MailServer
from rollover import certbot_live
from watching import NAME

OTHER = "mx2.example.lab"


class FreshServer(unittest.TestCase):
    """Two lineages of certbot's; Postfix presents that of NAME, and loads it from certbot's folder."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.lab = cls.enterClassContext(Lab())
        cls.lab.issue(NAME)
        cls.lab.issue(OTHER)
        theirs = certbot_live(cls.lab, NAME)
        cls.mail = cls.enterClassContext(
            MailServer(cls.lab, chain_files=[theirs / "privkey.pem", theirs / "fullchain.pem"]))
        cls.env = {**cls.lab.env, "MAIL_CONFIG": str(cls.mail.folder)}
