"""The preload counts each change of danectl, its children are free of it, and a power cut takes what it should."""
from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
import unittest
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from host import run_until_ready
from rollover import RolloverTest, enroll, owner_of, script, set_key
from sweep import PRELOAD, read_log

NAME = "counted.example.lab"
# The kind in the preload's log, by system call. Those that the preload does not know are here, too: one of them fails.
KINDS = {"rename": "rename", "renameat": "rename", "renameat2": "rename", "unlink": "unlink", "unlinkat": "unlink",
         "rmdir": "rmdir", "mkdir": "mkdir", "mkdirat": "mkdir", "symlink": "symlink", "symlinkat": "symlink",
         "fsync": "fsync", "fdatasync": "fsync", "ftruncate": "ftruncate", "chmod": "attributes",
         "fchmod": "attributes", "fchmodat": "attributes", "fchown": "attributes", "chown": "attributes",
         "lchown": "attributes", "fchownat": "attributes", "write": "write", "pwrite64": "write", "writev": "write",
         "open": "open", "openat": "open", "creat": "open", "link": "link", "linkat": "link", "truncate": "truncate",
         "mknod": "mknod", "mknodat": "mknod", "utimensat": "utimensat", "fallocate": "fallocate",
         "sendfile": "sendfile", "copy_file_range": "copy_file_range"}
TRACED = ",".join([*KINDS, "execve", "fork", "vfork", "clone", "clone3"])


def changes_in(trace: str, log: Path) -> list[str]:
    """What strace saw of danectl and its threads, in the words of the preload's log."""
    lines = [(int(pid), rest) for pid, rest in (line.split(None, 1) for line in trace.splitlines())]
    ours, is_thread, found = {lines[0][0]}, {}, []
    for pid, rest in lines:
        if begun := re.match(r"(?:clone3?|v?fork)\(", rest):
            is_thread[pid] = "CLONE_THREAD" in rest
            if pid in ours and not is_thread[pid]:
                found.append("fork")
        if re.match(r"(?:clone3?|<\.\.\. clone3? resumed>)", rest) and (made := re.search(r"\) = (\d+)$", rest)):
            if pid in ours and is_thread[pid]:
                ours.add(int(made[1]))
        if pid not in ours or begun or not (call := re.match(r"(\w+)\((.*)", rest)) or call[1] not in KINDS:
            continue
        kind, arguments = KINDS[call[1]], call[2]
        if kind == "write" and (not re.match(r"\d+</", arguments) or re.match(r"[012]<|\d+</(?:memfd:|dev/|proc/)",
                                                                              arguments)):
            continue
        if kind == "open" and not re.search("O_WRONLY|O_RDWR|O_CREAT|O_TRUNC", arguments):
            continue
        if "AT_REMOVEDIR" in arguments:
            kind = "rmdir"
        if str(log) not in arguments:
            found.append(kind)
    return found


class Preload(RolloverTest):

    def test_it_counts_what_strace_sees(self) -> None:
        lab = self.lab
        lab.issue(NAME)
        steps = (("enroll", NAME, "--tlsa", owner_of(NAME), "--reload", "true"), ("stage",), ("publish",), ("run",),
                 ("promote",), ("rollback", NAME), ("discard", NAME), ("retire",), ("release", NAME))
        for step in steps:
            with self.subTest(step[0]):
                if step[0] == "promote":
                    run_until_ready(lab, NAME)
                seen, counted = self.both(*step)
                self.assertGreater(len(seen), 5)
                self.assertEqual(counted, seen)

    def both(self, *step: str) -> tuple[list[str], list[str]]:
        trace, log = self.lab.dir / "trace", self.lab.dir / "calls"
        strace = f"strace -f -y -s 4096 -o {trace} -e trace={TRACED} -E LD_PRELOAD={PRELOAD} -E DANECTL_FAULT_LOG={log}"
        with mock.patch.dict(os.environ, DANECTL_WRAP=strace):
            self.lab.danectl(*step)
        calls = {point.number: point.call for point in read_log(log)[1]}
        return changes_in(trace.read_text(errors="replace"), log), ["open" if call == "make" else call
                                                                    for call in calls.values()]

    def test_children_are_free_of_it(self) -> None:
        name, seen = "child.example.lab", self.lab.dir / "seen"
        enroll(self.lab, name)
        tells = script(self.lab.dir / "reload", f"env >{seen}; cat /proc/$$/maps >>{seen}")
        set_key(self.lab, name, "reload", [[tells]])
        self.lab.certbot("renew", "--cert-name", name, "--force-renewal")
        self.lab.danectl("run", env={"LD_PRELOAD": str(PRELOAD), "DANECTL_FAULT": "0 none"})
        self.assertIn("DANECTL_LINEAGE", seen.read_text())
        for word in ("LD_PRELOAD", "DANECTL_FAULT", PRELOAD.name):
            self.assertNotIn(word, seen.read_text())


# For the programs of PowerCut: as danectl writes, and as it should not.
TOOLS = """
import os, sys
def write(path, text):
    file = os.open(path, os.O_WRONLY | os.O_CREAT)
    os.write(file, text)
    return file
def sync(path):
    os.fsync(os.open(path, os.O_RDONLY))
"""


class PowerCut(unittest.TestCase):
    """Of a small program in an empty folder, before its last call."""

    def cut(self, program: str, before: str = "", what: str = "cut") -> dict[str, str]:
        """What is there afterwards: name -> content, or the link's target; folders have none."""
        program = f"{TOOLS}{before}\n{textwrap.dedent(program)}\nos.mkdir('end')"
        last = self.ran(program, "0 none", 0)[0]
        number, left = self.ran(program, f"{last} {what}", -9)
        self.assertEqual(number, last)
        self.assertNotIn("end", left)
        return left

    def ran(self, program: str, fault: str, code: int) -> tuple[int, dict[str, str]]:
        with TemporaryDirectory() as top:
            folder, keep, log = Path(top) / "folder", Path(top) / "keep", Path(top) / "log"
            folder.mkdir()
            keep.mkdir()
            ended = subprocess.run([sys.executable, "-B", "-c", program], cwd=folder, check=False, env={
                **os.environ, "LD_PRELOAD": str(PRELOAD), "DANECTL_FAULT": fault, "DANECTL_FAULT_LOG": str(log),
                "DANECTL_FAULT_KEEP": str(keep)})
            self.assertEqual(ended.returncode, code)
            left = {str(path.relative_to(folder)): os.readlink(path) if path.is_symlink() else
                    path.read_text() if path.is_file() else "" for path in folder.rglob("*")}
            return read_log(log)[1][-1].number, left

    def test_what_is_synced_stays(self) -> None:
        self.assertEqual(self.cut("""
            os.mkdir("folder")
            os.fsync(write("folder/new", b"content"))
            os.rename("folder/new", "folder/file")
            os.symlink("file", "folder/link")
            os.fsync(write("gone", b""))
            os.unlink("gone")
            sync("folder")
            sync(".")
        """), {"folder": "", "folder/file": "content", "folder/link": "file"})

    def test_a_file_that_is_not_synced_is_lost_or_empty(self) -> None:
        program = "write('file', b'content')"
        self.assertEqual(self.cut(program), {})
        self.assertEqual(self.cut(program, what="cut-contents"), {"file": ""})
        self.assertEqual(self.cut(f"{program}; sync('.')", what="cut-contents"), {"file": ""})

    def test_a_rename_without_a_sync_of_its_folder_is_undone(self) -> None:
        before = "os.fsync(write('file', b'old')); os.fsync(write('new', b'new')); sync('.')"
        self.assertEqual(self.cut("os.rename('new', 'file')", before), {"file": "old", "new": "new"})

    def test_a_link_is_switched_back(self) -> None:
        before = "os.symlink('one', 'link'); os.symlink('two', 'new'); sync('.')"
        self.assertEqual(self.cut("os.rename('new', 'link')", before), {"link": "one", "new": "two"})

    def test_what_was_removed_comes_back(self) -> None:
        before = "os.mkdir('folder'); os.fsync(write('folder/file', b'text')); sync('folder'); sync('.')"
        self.assertEqual(self.cut("os.unlink('folder/file'); os.rmdir('folder')", before),
                         {"folder": "", "folder/file": "text"})

    def test_what_was_in_a_folder_that_is_gone_for_good_does_not_come_back(self) -> None:
        self.assertEqual(self.cut("""
            os.mkdir("folder")
            os.fsync(write("folder/file", b"old"))
            sync("folder")
            os.unlink("folder/file")
            os.rmdir("folder")
            sync(".")
            os.mkdir("folder")
            os.fsync(write("folder/file", b"new"))
            sync("folder")
            sync(".")
        """), {"folder": "", "folder/file": "new"})

    def test_a_folder_that_is_not_synced_takes_with_it_what_is_in_it(self) -> None:
        self.assertEqual(self.cut("""
            os.mkdir("new")
            os.fsync(write("new/file", b"text"))
            sync("new")
            os.rename("new", "folder")
        """), {})


if __name__ == "__main__":
    unittest.main()
