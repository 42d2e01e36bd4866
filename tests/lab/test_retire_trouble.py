"""What a person has let go goes, whatever fails on the way: answers that are lost, hooks, keys, owners that wait."""
from __future__ import annotations

import contextlib
import socket
import threading
import time
import unittest
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from host import Host
from rollover import (RolloverTest, enroll, live, of_key, owner_of, records_at, retires_nothing, set_key, status,
                      wait_ready)

LOST, HOOK, PRINT, REFUSED = "lost.example.lab", "hook.example.lab", "print.example.lab", "refused.example.lab"
TWO = "two.example.lab"
SECOND = owner_of("second.example.lab")  # of TWO, too
PROXY = "127.0.0.77"
FOREIGN = "3 1 1 " + "ee" * 32


@contextlib.contextmanager
def lossy_proxy(primary: str) -> Iterator[None]:
    """Stands at PROXY before the primary, and loses the answer to the first update."""
    def serve() -> None:
        lost = False
        while True:
            try:
                message, client = listener.recvfrom(65535)
            except OSError:
                return
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
                server.settimeout(5)
                server.sendto(message, (primary, 53))
                answer = server.recv(65535)
            is_update = (message[2] >> 3) & 15 == 5
            if is_update and not lost:
                lost = True
            else:
                listener.sendto(answer, client)

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind((PROXY, 53))
        threading.Thread(target=serve, daemon=True).start()
        yield


class LetGo(RolloverTest):
    """Each lineage on a host of its own, promoted once: the key before retires for a day."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        names = [LOST, HOOK, PRINT, REFUSED, TWO]
        cls.hosts = {name: Host(cls.lab, name) for name in names}
        with ThreadPoolExecutor() as pool:
            list(pool.map(cls.promote, names))
        time.sleep(5)  # so that no cache and no secondary knows the RRset of before

    @classmethod
    def promote(cls, name: str) -> None:
        host = cls.hosts[name]
        enroll(host, name, "--reload", "true", owners=[owner_of(name), SECOND] if name == TWO else None)
        host.danectl("stage", name)
        host.danectl("publish", name)
        wait_ready(host, name)
        host.danectl("promote", name)
        host.danectl("publish", name)

    def on(self, name: str) -> tuple[Host, str]:
        """The host, and the record of the key before."""
        self.lab = self.hosts[name]
        return self.lab, of_key(self.lab, self.lab.state_dir / "generations" / name / "0001" / "cert.pem")

    def test_an_answer_that_is_lost_brings_no_record_back(self) -> None:
        host, before = self.on(LOST)
        host.write_config(publish={"server": PROXY})
        with lossy_proxy("127.0.0.31"):
            with type(self).lab.secondary_frozen():
                said = host.danectl("retire", LOST, "--now").out
                self.assertIn("it is deleted, and not every name server has followed yet", said)
                self.assertNotIn(before, records_at(host, owner_of(LOST)))
            for _run in range(2):
                self.assertEqual(host.danectl("run").out, "")
                self.assertNotIn(before, records_at(host, owner_of(LOST)))
        self.assertEqual(status(host, LOST)["retiring"], [])

    def test_a_hook_that_failed_is_called_again_by_run(self) -> None:
        host, before = self.on(HOOK)
        hook, calls = host.dir / "hook", host.dir / "calls"
        host.write_config(publish={"method": "hook", "command": [str(hook)]})
        self.write_hook(hook, f"echo $1 >>{calls}; exit 7")
        failed = host.danectl("retire", HOOK, "--now", expect=1).err
        self.assertIn("the next `danectl run` tries again", failed)
        self.write_hook(hook, f"echo $1 >>{calls}; printf 'update delete %s TLSA %s\\nsend\\n' \"$2\" \"$4\" | "
                              f"nsupdate -k {host.tsig}")
        self.assertIn("deleted", host.danectl("run").out)
        self.assertEqual(calls.read_text().split(), ["delete", "delete"])
        host.wait_until("nothing retires", lambda: retires_nothing(host, HOOK))
        self.assertNotIn(before, records_at(host, owner_of(HOOK)))

    @staticmethod
    def write_hook(path: Path, script: str) -> None:
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def test_what_a_person_deletes_by_hand_is_not_asked_for_again(self) -> None:
        host, before = self.on(PRINT)
        host.write_config(publish={"method": "print"})
        self.assertIn(before, host.danectl("records", PRINT).out)
        self.assertRegex(host.danectl("retire", PRINT, "--now").out, f"by hand: delete .*{before}")
        self.assertNotIn(before, host.danectl("records", PRINT).out)
        type(self).lab.delete(owner_of(PRINT), f"TLSA {before}")
        self.assertNotIn(before, host.danectl("publish", PRINT).out)
        self.assertNotIn(before, host.danectl("retire", PRINT, "--now").out)
        self.assertEqual(status(host, PRINT)["retiring"], [])
        self.assertNotIn(before, host.danectl("publish", PRINT).out)

    def test_a_deletion_that_was_refused_keeps_nobody_from_rolling_back(self) -> None:
        host, before = self.on(REFUSED)
        set_key(host, REFUSED, "retire_after", "0s")
        host.write_config(publish={"key_file": "/nonexistent"})
        self.assertIn(f"not deleted at {owner_of(REFUSED)}", host.danectl("run", expect=1).err)
        self.assertIn(before, records_at(host, owner_of(REFUSED)))
        host.danectl("rollback", REFUSED)
        self.assertEqual(of_key(host, live(host, REFUSED) / "cert.pem"), before)

    def test_what_one_owner_holds_is_said_though_the_other_let_go(self) -> None:
        host, before = self.on(TWO)
        lab = type(self).lab
        current = of_key(host, live(host, TWO) / "cert.pem")
        lab.delete(SECOND, f"TLSA {current}")
        held = host.danectl("retire", TWO, "--now", expect=75)
        self.assertIn(f"deleted at {owner_of(TWO)}", held.out)
        self.assertIn(f"{SECOND} {before[:18]}", held.err)
        self.assertIn("the others were deleted", held.err)
        self.assertIn(before, records_at(host, SECOND))
        for owner in (owner_of(TWO), SECOND):
            lab.add(owner, 2, f"TLSA {FOREIGN}")
        deleted = host.danectl("retire", TWO, "--foreign", FOREIGN)
        for owner in (owner_of(TWO), SECOND):
            self.assertIn(f"deleted at {owner}", deleted.out)
        host.danectl("run")  # publishes the current record there again
        host.wait_until("it lets go, too", lambda: host.danectl("retire", TWO, "--now", expect=None).code == 0)
        host.wait_until("it is deleted", lambda: before not in records_at(host, SECOND))


if __name__ == "__main__":
    unittest.main()
