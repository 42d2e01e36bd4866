"""Many lineages in one call: each is judged by its own files and records, and a fault of one is found among all."""
from __future__ import annotations

import json
import os
import unittest
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lab import Lab
from many_lineages import ManyLineages
from rollover import certbot_live, live, next_key, of_key, owner_of, records_at

COUNT = 40


class EachOfMany(unittest.TestCase):
    lab: Lab
    many: ManyLineages

    @classmethod
    def setUpClass(cls) -> None:
        cls.lab = cls.enterClassContext(Lab())
        cls.many = ManyLineages(cls.lab)
        cls.many.grow(COUNT)
        cls.lab.write_config(dns={"timeout": "30s"})  # many questions at once, on a machine that may be busy

    def statuses(self, expect: int = 0) -> dict[str, dict[str, Any]]:
        lineages = json.loads(self.lab.danectl("status", "--json", expect=expect).out)["lineages"]
        return {lineage["name"]: lineage for lineage in lineages}

    def test_each_is_what_openssl_and_dig_say(self) -> None:
        found = self.statuses()
        self.assertEqual(set(found), set(self.many.names))
        for name, lineage in found.items():
            current = of_key(self.lab, live(self.lab, name) / "cert.pem")
            following = of_key(self.lab, next_key(self.lab, name))
            self.assertEqual([one["record"] for one in lineage["current"]["associations"]], [current], name)
            self.assertEqual([one["record"] for one in lineage["next"]["associations"]], [following], name)
            (owner,) = lineage["owners"]
            self.assertEqual(owner["name"], owner_of(name))
            self.assertEqual(sorted(owner["records"]), records_at(self.lab, owner_of(name)), name)
            self.assertEqual(sorted(owner["records"]), sorted([current, following]), name)

    def test_a_fault_of_one_is_found_and_stays_with_it(self) -> None:
        faults = [self.key_of_another, self.key_at_certbot, self.cut_chain, self.moved_link]
        for fault, name in zip(faults, self.many.names[COUNT // 2:]):
            with self.subTest(fault.__name__):
                undo, said = fault(name)
                self.assertEqual(self.told(said), {name})
                undo()
                self.assertEqual(self.told(said), set())

    def told(self, said: str) -> set[str]:
        """The lineages of which `status` says so, in one call for all."""
        name, names = "", set()
        for line in self.lab.danectl("--verbose", "status", "--no-dns").out.splitlines():
            name = name if line.startswith(" ") else line.split(":")[0]
            names |= {name} if said in line else set()
        return names

    # Each breaks something of the lineage; how to mend it, and what is said of it.

    def key_of_another(self, name: str) -> tuple[Callable[[], None], str]:
        """Its size and its time are as before."""
        path = live(self.lab, name) / "privkey.pem"
        return self.replaced(path, next_key(self.lab, name).read_bytes()), "holds another key than that of the"

    def key_at_certbot(self, name: str) -> tuple[Callable[[], None], str]:
        path = (certbot_live(self.lab, name) / "privkey.pem").resolve()
        return self.replaced(path, next_key(self.lab, name).read_bytes()), "is not the key of the certificate"

    def cut_chain(self, name: str) -> tuple[Callable[[], None], str]:
        path = (certbot_live(self.lab, name) / "fullchain.pem").resolve()
        return self.replaced(path, path.read_bytes()[:700]), "fullchain"

    def moved_link(self, name: str) -> tuple[Callable[[], None], str]:
        link = certbot_live(self.lab, name) / "cert.pem"
        before = os.readlink(link)
        other = before.replace(name, self.many.names[0])
        link.unlink()
        link.symlink_to(other)

        def undo() -> None:
            link.unlink()
            link.symlink_to(before)

        return undo, "leads into"

    @staticmethod
    def replaced(path: Path, content: bytes) -> Callable[[], None]:
        """In place, so that the inode stays; and the time is put back."""
        before, stat = path.read_bytes(), path.stat()

        def put(text: bytes) -> None:
            path.write_bytes(text)
            os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))

        put(content)
        return lambda: put(before)


if __name__ == "__main__":
    unittest.main()
