"""The certificate authority (pebble) and a plain certbot that talks to it."""
from __future__ import annotations

import json
import os
import re
import shutil
import ssl
import urllib.error
import urllib.request
from pathlib import Path

from lab_process import Daemon, LabError, Machine, Result, run

CA_ADDRESS = "127.0.0.14"
DIRECTORY_URL = f"https://{CA_ADDRESS}:14000/dir"
REGISTER = ["--server", DIRECTORY_URL, "--agree-tos", "--register-unsafely-without-email"]


class CertificateAuthority(Machine):
    """Issues at once for every name, except `blocked.example.lab`, which it always refuses."""
    pebble_env: dict[str, str]
    certificate_days: int
    certbot_dir: Path

    # What danectl's `certbot_args` needs: nothing. `renew` finds the CA in the renewal conf, where
    # certbot wrote `server = URL` when the lab issued.
    certbot_args: list[str] = []

    def issue(self, name: str, *domains: str, extra: list[str] | None = None) -> Path:
        """A certificate for `domains` (default: `name`) in the lineage `name`; its live folder."""
        wanted = [word for domain in domains or (name,) for word in ("-d", domain)]
        self.certbot("certonly", "--standalone", *REGISTER, "--cert-name", name, *wanted, *(extra or []))
        return self.certbot_dir / "live" / name

    def certbot(self, *args: str, expect: int | None = 0, timeout: float = 120) -> Result:
        """certbot as its user would call it, but for the folders and the sleep before a renewal."""
        sleepless = ["--no-random-sleep-on-renew"] if args[0] == "renew" else []
        return run([self.certbot_program, args[0], "-n", "--config-dir", self.certbot_dir,
                    "--work-dir", self.dir / "certbot-work", "--logs-dir", self.dir / "log" / "certbot",
                    *sleepless, *args[1:]], env=self.env, expect=expect, timeout=timeout)

    def ca_certificate(self, kind: str = "roots", number: int = 0) -> str:
        """A certificate of the CA itself, PEM; `kind` is roots or intermediates."""
        return self._get(f"https://{CA_ADDRESS}:15000/{kind}/{number}")

    def new_ca(self) -> None:
        """Another root and intermediate from now on, as when a real CA retires its issuers.

        Restarted, pebble has forgotten its accounts, too: every lineage gets a new one in its
        renewal conf, so that `renew` goes on as it does in the world outside.
        """
        self.kill("pebble")
        self.start("pebble")
        self.new_account()

    def new_account(self) -> None:
        """For certbot of one more host, where another host's has called new_ca()."""
        shutil.rmtree(self.certbot_dir / "accounts", ignore_errors=True)
        self.certbot("register", *REGISTER)
        account = next(self.certbot_dir.glob("accounts/*/dir/*")).name
        for conf in self.certbot_dir.glob("renewal/*.conf"):
            conf.write_text(re.sub("(?m)^account = .*", f"account = {account}", conf.read_text()))

    # --- boot

    def _make_ca(self) -> None:
        """Writes pebble's configuration and adds its daemon; starts nothing."""
        program = shutil.which(os.environ.get("CERTBOT", "certbot"))
        if program is None:
            raise LabError("certbot is not there: install it, or name it in the environment as CERTBOT")
        self.certbot_program = program
        self.certbot_dir = self.dir / "letsencrypt"
        self.certbot_dir.mkdir()
        # certbot reads this beside /etc/letsencrypt/cli.ini, whatever its --config-dir.
        self.cli_ini = self.dir / "xdg" / "letsencrypt" / "cli.ini"
        self.cli_ini.parent.mkdir(parents=True)
        folder = self.dir / "pebble"
        folder.mkdir()
        run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
             "-subj", "/CN=the lab's CA server", "-days", "2", "-addext", f"subjectAltName=IP:{CA_ADDRESS}",
             "-keyout", folder / "key.pem", "-out", folder / "cert.pem"])
        self._tls = folder / "cert.pem"
        (folder / "config.json").write_text(json.dumps({"pebble": {
            "listenAddress": f"{CA_ADDRESS}:14000", "managementListenAddress": f"{CA_ADDRESS}:15000",
            "certificate": str(self._tls), "privateKey": str(folder / "key.pem"),
            "httpPort": 80, "tlsPort": 443, "ocspResponderURL": "", "externalAccountBindingRequired": False,
            "certificateValidityPeriod": self.certificate_days * 86400, "domainBlocklist": ["blocked.example.lab"]}}))
        # AUTHZREUSE: by default every second order, at random, goes without a challenge, and then
        # certbot does not open port 80. Even 0 leaves one in a hundred: a test that needs the challenge calls new_ca().
        env = {"PEBBLE_VA_ALWAYS_VALID": "1", "PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0",
               "PEBBLE_AUTHZREUSE": "0", **self.pebble_env}
        self._daemons["pebble"] = Daemon(
            "pebble", ["pebble", "-config", folder / "config.json", "-dnsserver", "127.0.0.53:53"],
            self.dir / "log" / "pebble.log", self._ca_answers, {**os.environ, **env})
        self.env |= {"REQUESTS_CA_BUNDLE": str(self._tls), "XDG_CONFIG_HOME": str(self.dir / "xdg")}

    def _ca_answers(self) -> bool:
        try:
            return "newOrder" in self._get(DIRECTORY_URL)
        except urllib.error.URLError:
            return False

    def _get(self, url: str) -> str:
        trust = ssl.create_default_context(cafile=str(self._tls))
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}),
                                             urllib.request.HTTPSHandler(context=trust))
        with opener.open(url, timeout=5) as answer:
            return str(answer.read().decode())
