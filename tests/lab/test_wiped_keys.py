"""No private key stays behind in danectl's memory: a promotion's reload command reads it, when every step with a key is
over, as a fault in a parser might.
"""
from __future__ import annotations

import json
import sys
import unittest
from pathlib import Path

from rollover import RolloverTest, enroll, publish, set_key, wait_ready

NAME = "wiped.example.lab"

# FOUND FOLDER...: which keys below the folders are in the memory of who started it, and whether NAME is.
READER = """
import base64, json, os, pathlib, sys
found, *folders = sys.argv[1:]
starter = os.getppid()
memory = b""
with open(f"/proc/{starter}/maps") as maps, open(f"/proc/{starter}/mem", "rb", 0) as content:
    for line in maps:
        span, rights, *_rest = line.split()
        if rights.startswith("rw") and "[v" not in line:
            begin, end = (int(bound, 16) for bound in span.split("-"))
            content.seek(begin)
            memory += content.read(end - begin)
keys = {}
for folder in folders:
    for file in pathlib.Path(folder).glob("**/privkey*.pem"):
        lines = file.read_text().splitlines()
        der = base64.b64decode("".join(lines[1:-1]))
        assert der[34:36] == bytes([4, 32]), "a P-256 key in PKCS #8 has its number from octet 36 on"
        # The second line of the text has a part of the number, and nothing that every key of its kind has.
        for form in (lines[2].encode(), der[36:68], der[67:35:-1]):
            keys[form] = str(file)
left = {file for form, file in keys.items() if form in memory}
with open(found, "w") as out:
    json.dump({"program": os.readlink(f"/proc/{starter}/exe"), "name": memory.count(sys.argv[0].encode()),
               "keys": sorted(set(keys.values())), "left": sorted(left)}, out)
"""


class WipedKeys(RolloverTest):
    def test_a_promotion_leaves_no_key_in_memory(self) -> None:
        lab = self.lab
        reader, found = lab.dir / f"reader-of-{NAME}", lab.dir / "found.json"
        reader.write_text(READER)
        enroll(lab, NAME)
        set_key(lab, NAME, "reload", [[sys.executable, str(reader), str(found), str(lab.state_dir),
                                       str(lab.certbot_dir)]])
        lab.danectl("stage", NAME)
        publish(lab)
        wait_ready(lab, NAME)
        lab.danectl("promote", NAME)
        read = json.loads(found.read_text())
        self.assertEqual(read["program"], str(Path(lab.program).resolve()))
        self.assertGreater(read["name"], 0, "the reader does not see danectl's memory")
        self.assertEqual(len(read["keys"]), 2, "the old key and the new one")
        self.assertEqual(read["left"], [])


if __name__ == "__main__":
    unittest.main()
