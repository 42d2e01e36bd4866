#!/usr/bin/python3
"""A key is rolled over before the reader's eyes. Start it with tests/demo.

Every command is really run, and its output is its own; whatever does not come out as told ends the
demo with exit code 1.
"""
from __future__ import annotations

import contextlib
import json
import os
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from demo_mail import Sender
from lab import Lab, LabError, Result, run
from lab_acme import REGISTER
from lab_process import Daemon

NAME = "mx.example.lab"
OWNER = f"_25._tcp.{NAME}"
ADDRESS = "127.0.0.25"
HOOK = Path(__file__).resolve().parents[2] / "hooks" / "certbot" / "danectl"
COLOUR = sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def say(text: str, style: str = "") -> None:
    print(f"\033[{style}m{text}\033[0m" if COLOUR and style else text, flush=True)


def explain(text: str) -> None:
    say(textwrap.fill(" ".join(text.split()), 100))


def require(fact: bool, what: str) -> None:
    if not fact:
        raise AssertionError(f"this should have been so: {what}")


class Demo:
    def __init__(self, lab: Lab) -> None:
        self.lab, self.sender = lab, Sender(lab, NAME)
        self.live = lab.state_dir / "live" / NAME
        self.before_dane = 0  # deliveries before the first record was seen
        self.steps = 0

    def step(self, title: str, text: str) -> None:
        self.steps += 1
        say(f"\n{self.steps}. {title}", "1")
        explain(text)

    def show(self, command: str, result: Result) -> Result:
        """The command as its user would type it, and what it really said."""
        say(f"\n  $ {command}", "36")
        # What certbot says about its timer and about donations is left out.
        for line in (result.out.split("NEXT STEPS:\n")[0] + result.err).splitlines():
            say(f"    {line}".rstrip().replace(str(self.lab.dir), "$LAB"))
        if result.code != 0:
            say(f"    (exit code {result.code})")
        return result

    def danectl(self, *args: str, expect: int = 0) -> Result:
        return self.show(" ".join(["danectl", *args]).replace(str(self.lab.dir), "$LAB"),
                         self.lab.danectl(*args, expect=expect))

    def publish(self) -> None:
        """By hand, on the primary: the secondaries are the name servers' own business."""
        script = self.lab.danectl("records", NAME, "--format", "nsupdate")
        said = run(["nsupdate", "-k", self.lab.tsig], input=script.out, env=self.lab.env)
        self.show(f"danectl records {NAME} --format nsupdate | nsupdate", said)

    def status(self) -> Any:
        return json.loads(self.lab.danectl("status", NAME, "--json").out)["lineages"][0]

    def next_digest(self) -> str:
        document = json.loads(self.lab.danectl("records", NAME, "--only", "next", "--format", "json").out)
        (record,) = document["owners"][0]["records"]
        return str(record["record"].split()[-1])

    def served_key(self) -> str:
        """What a client gets to see, counted by openssl alone."""
        fetch = f"openssl s_client -starttls smtp -connect {NAME}:25 </dev/null 2>/dev/null | openssl x509"
        count = "openssl pkey -pubin -outform DER | openssl dgst -sha256 -r"
        result = run(["bash", "-o", "pipefail", "-c", f"{fetch} -noout -pubkey | {count}"], env=self.lab.env)
        self.show(f"{fetch} -noout -pubkey |\n      {count}", result)
        return result.out.split()[0]

    def refused(self, *words: str) -> None:
        """promote says 75 and these words, and nothing that a server can load has changed."""
        before = self.lab.snapshot(self.live, self.live.parent.parent / "generations", self.lab.certbot_dir)
        said = self.danectl("promote", NAME, expect=75).err
        for word in words:
            require(word in said, f"danectl says: {word}")
        after = self.lab.snapshot(self.live, self.live.parent.parent / "generations", self.lab.certbot_dir)
        require(before == after, "a refused promotion changes nothing at certbot and nothing that is served")

    @contextlib.contextmanager
    def mail_server(self) -> Iterator[None]:
        pid_file = self.lab.dir / "mail.pid"
        program = ["/usr/bin/python3", "-B", str(Path(__file__).with_name("demo_mail.py")),
                   str(self.live / "combined.pem"), ADDRESS, str(pid_file)]
        mail = Daemon("mail", program, self.lab.dir / "log" / "mail.log", pid_file.exists, self.lab.env)
        mail.spawn()
        try:
            self.lab.wait_until("the mail server is up", lambda: mail.ready() or mail.died())
            if mail.died():
                raise LabError(f"the mail server died{mail.tail()}")
            yield
        finally:
            mail.kill()


def enrol(demo: Demo) -> str:
    lab = demo.lab
    demo.step("A certificate, as always", "An unmodified certbot gets it from a CA.")
    request = ["--cert-name", NAME, "-d", NAME]
    demo.show(f"certbot certonly --standalone {' '.join(request)}",
              lab.certbot("certonly", "--standalone", *REGISTER, *request))

    demo.step("Enrolled", """danectl tells certbot to keep the key from now on, and puts key and chain where the mail
        server is to load them. The owner of the records is named by a person, never guessed.""")
    reload = lab.dir / "reload-mail"
    reload.write_text(f'#!/bin/sh\n[ ! -e {lab.dir}/mail.pid ] || kill -HUP "$(cat {lab.dir}/mail.pid)"\n')
    reload.chmod(0o755)
    demo.danectl("enroll", NAME, "--tlsa", OWNER, "--reload", str(reload))
    require("reuse_key = True" in (lab.certbot_dir / "renewal" / f"{NAME}.conf").read_text(), "certbot keeps the key")
    return lab.openssl_spki(lab.certbot_dir / "live" / NAME / "cert.pem")


def switch_on(demo: Demo, current: str) -> None:
    demo.step("DANE is switched on", """The mail server runs and loads combined.pem. Its key's record is published; from
        here on a sender comes by again and again, in the background, and accepts the server only when OpenSSL
        verifies it by the validated TLSA records.""")
    demo.danectl("records", NAME)
    demo.publish()
    demo.lab.wait_published(OWNER, f"TLSA 3 1 1 {current}")
    require(demo.served_key() == current, "the server presents the key of the certificate")
    demo.sender.await_verified(current)
    demo.before_dane = demo.sender.without_dane


def be_refused(demo: Demo, current: str) -> str:
    lab = demo.lab
    demo.step("The next key is made", "It waits beside the current one. No server can load it.")
    demo.danectl("stage", NAME)
    following = demo.next_digest()
    require(following != current, "the next key is another key")

    demo.step("Refused: its record is nowhere", "Whoever switched now would lose the mail of every sender with DANE.")
    demo.refused("ns1.example.lab", "ns2.example.lab")

    demo.step("Refused: only the primary has it", """The secondary is frozen: it answers, but takes no changes. An
        administrator who asks the primary sees the record; half of the senders would not.""")
    with lab.secondary_frozen():
        demo.publish()
        lab.wait_published(OWNER, f"TLSA 3 1 1 {following}")
        demo.refused("ns2.example.lab")
        say("\n  (the secondary takes changes again)")
    lab.wait_published(OWNER, f"TLSA 3 1 1 {following}")

    demo.step("Refused: caches may still hold the old records", """Now every server has it. Resolvers may remember the
        records as they were for one TTL, so danectl waits for two (RFC 7671 section 8.1). The TTL here is 2 seconds.""")
    demo.refused("the hold-down is running", " left")
    require("hold-down [" in demo.danectl("status", NAME).out, "status shows the hold-down as a bar")
    return following


def promote(demo: Demo, current: str, following: str) -> None:
    demo.step("Promoted", """The hold-down is over: a certificate for the next key is got, checked against the records of
        every server, put in place by one rename, and given to certbot as its next version. The server is reloaded.""")
    demo.lab.wait_until("the next key is ready", lambda: demo.status()["next"]["state"] == "ready")
    demo.danectl("promote", NAME)
    demo.sender.await_verified(following)
    require(demo.served_key() == following, f"the server presents the new key {following} and not {current}")
    require(demo.status()["current"]["generation"] == 2, "generation 2 is deployed")
    require(demo.lab.openssl_spki(demo.lab.certbot_dir / "live" / NAME / "privkey.pem") == following,
            "certbot's lineage has the new key")


def renew(demo: Demo, following: str) -> None:
    lab = demo.lab
    demo.step("A plain renewal keeps the new key", """hooks/certbot/danectl is among certbot's deploy hooks. The renewal
        knows nothing of danectl: certbot keeps the key, and the hook deploys the certificate at once, since the
        published records match it already.""")
    hooks = lab.certbot_dir / "renewal-hooks" / "deploy"
    hooks.mkdir(parents=True, exist_ok=True)
    hook = hooks / "00-danectl"
    hook.write_bytes(HOOK.read_bytes())
    hook.chmod(0o755)
    chain = (demo.live / "fullchain.pem").read_text()
    demo.show(f"certbot renew --cert-name {NAME} --force-renewal",
              lab.certbot("renew", "--cert-name", NAME, "--force-renewal"))
    require((demo.live / "fullchain.pem").read_text() != chain, "another certificate is deployed")
    require(demo.status()["current"]["generation"] == 3, "generation 3 is deployed")
    require(demo.served_key() == following, "the key stays")
    demo.sender.await_verified(following)
    demo.danectl("status", NAME)


def sum_up(demo: Demo, current: str, following: str, seconds: float) -> None:
    sender = demo.sender
    require(not sender.refused, "the sender never refused the server; the first time it did:\n"
            + "".join(sender.refused[:1]))
    require(sender.without_dane == demo.before_dane, "from the first record on, the sender always found records")
    keys = [digest for end in sender.verified for digest in (current, following) if digest.endswith(end)]
    changes = sum(a != b for a, b in zip(keys, keys[1:]))
    require(len(keys) == len(sender.verified) and changes == 1, "one change, from the first key to the second")
    say(f"\nWhat was proved, in {seconds:.0f} seconds", "1")
    for line in (
            "The next key was refused three times: on no server, on one of two, and too early for caches. Each time "
            "neither certbot's files nor those of the mail server had changed.",
            f"Then the key was replaced: {current[:12]}... by {following[:12]}..., counted by openssl at the server.",
            "certbot's own renewal kept the new key, and its hook deployed the certificate at once.",
            f"All the while a sender that insists on DANE came by: {keys.count(current)} times it verified the old key, "
            f"{keys.count(following)} times the new one, and it was turned away not once."):
        say(textwrap.fill(line, 100, initial_indent="  - ", subsequent_indent="    "))


def story(lab: Lab) -> None:
    began = time.monotonic()
    demo = Demo(lab)
    current = enrol(demo)
    with demo.mail_server(), demo.sender:
        switch_on(demo, current)
        following = be_refused(demo, current)
        promote(demo, current, following)
        renew(demo, following)
    sum_up(demo, current, following, time.monotonic() - began)


def main() -> int:
    explain("""This is danectl on a signed Internet of its own: root, lab. and example.lab on real name servers, a
        validating resolver, a CA (pebble), certbot, and a mail server. Nothing leaves this machine. Of the commands
        below only the options that name the lab's folders, keys and CA are left out; the lab's folder is shown as
        $LAB.""")
    try:
        with Lab() as lab:
            story(lab)
    except (AssertionError, LabError) as error:
        print(f"\ndemo: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


sys.exit(main())
