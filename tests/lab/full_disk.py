"""A small file system that is full when a test wants it."""
from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from lab import run

PAGE = 4096


class Disk:
    """A small one at `folder`, filled by a file of ballast."""

    def __init__(self, folder: Path, size: str = "1m") -> None:
        self.ballast = folder / "ballast"
        folder.mkdir()
        run(["mount", "-t", "tmpfs", "-o", f"mode=0755,size={size}", "tmpfs", folder])

    @contextlib.contextmanager
    def full_but_for(self, pages: int) -> Iterator[None]:
        self.fill_but_for(pages)
        try:
            yield
        finally:
            self.ballast.unlink()

    def fill_but_for(self, pages: int) -> None:
        with self.ballast.open("wb", buffering=0) as file:
            with contextlib.suppress(OSError):
                while file.write(b"x" * PAGE) == PAGE:
                    pass
            file.truncate(max(0, file.seek(0, 2) - pages * PAGE))
