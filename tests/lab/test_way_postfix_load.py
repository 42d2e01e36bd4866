"""Postfix with one file, under load: 200 deliveries a second of a sender that insists on DANE, and three switches."""
from __future__ import annotations

import unittest

from lab_mail import DELIVERY, MailServer, presented
from postfix_load import TOGETHER, MailLog, Stream, receives, sending_server
from rolling import Lineage, begin, roll
from rollover import RolloverTest, live, owner_of

HOST = "mx.example.lab"
LINEAGE = Lineage(HOST, (owner_of(HOST),))
PROMOTIONS = 3
DOMAIN = "one.example.lab"


class PostfixUnderLoad(RolloverTest):
    def test_three_switches_defer_no_message_of_a_sender_that_insists_on_dane(self) -> None:
        combined = live(self.lab, HOST) / "combined.pem"
        receiver = MailServer(self.lab, chain_files=[combined], settings=receives(DOMAIN), services=DELIVERY)
        sender = sending_server(self.lab)
        LINEAGE.enroll(self.lab, reload=[receiver.reload_command], probe=[f"smtp://{HOST}:25"])
        with receiver, sender:
            self.lab.add(DOMAIN, 2, f"MX 10 {HOST}.")
            begin(self.lab, [LINEAGE])
            with Stream(self.lab, sender, [DOMAIN]) as stream:
                (watcher,) = roll(self, self.lab, [LINEAGE], promotions=PROMOTIONS)
            stream.wait_until_sent()
            arrived = MailLog(receiver)
            self.lab.wait_until("all has arrived", lambda: arrived.read().sent >= stream.given)
            self.assertEqual(presented(self.lab, HOST, 25, "smtp"), watcher.served[-1])
        print(f"{stream.given} deliveries in {stream.seconds:.0f} s: {stream.given / stream.seconds:.0f} a second, "
              f"{len(watcher.served) - 1} promotions")
        self.assertGreaterEqual(len(watcher.served) - 1, PROMOTIONS)
        for log in (stream.log, arrived):
            self.assertEqual(log.undelivered, [])
            self.assertEqual(log.sent, stream.given)
        self.assertEqual(stream.log.unverified, [])
        self.assertGreaterEqual(stream.log.connections.total(), stream.given / TOGETHER)


if __name__ == "__main__":
    unittest.main()
