"""A network that loses one packet in five: a look asks again, and is whole."""
from __future__ import annotations

import random
import unittest

from dns_filter import DnsFilter
from lab import run
from lab_dns import RESOLVER, SERVERS
from rollover import status
from watching import NAME, CheckTest, configure

LOSSY_RESOLVER = "127.0.0.54"


class Loss(CheckTest):
    def test_a_look_is_whole_all_the_same(self) -> None:
        run(["ip", "addr", "replace", f"{LOSSY_RESOLVER}/8", "dev", "lo"])
        configure(self.lab, dns={"resolver": [LOSSY_RESOLVER], "timeout": "5s"})
        chance = random.Random(1)
        verdicts: list[int | str | None] = []

        def loses(_name: str, _kind: int) -> int | str | None:
            verdicts.append("drop" if chance.random() < 0.2 else None)
            return verdicts[-1]

        with self.lab._without("ns2"):
            self.lab.kill("ns2")
            try:
                with DnsFilter(SERVERS["ns2"], to=SERVERS["ns1"][0], rule=loses), \
                        DnsFilter([LOSSY_RESOLVER], to=RESOLVER, rule=loses):
                    looks = [status(self.lab, NAME)["owners"] for _ in range(10)]
            finally:
                self.lab.start("ns2")
                configure(self.lab)
        self.assertGreater(verdicts.count("drop"), len(verdicts) / 10)
        whole = [all(server["ok"] for owner in owners for server in owner["servers"]) for owners in looks]
        self.assertGreaterEqual(whole.count(True), 8, looks)


if __name__ == "__main__":
    unittest.main()
