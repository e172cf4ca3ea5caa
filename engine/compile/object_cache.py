"""A cache on disk of what was compiled: files that are whole and made for this machine, or none."""

import contextlib
import hashlib
import marshal
import os
import sys
import time
from functools import cache
from pathlib import Path

from engine import files
from engine.compile.graph import Graph
from engine.optional import load

SUFFIX = ".chainrule"
DIGEST = 32
"""Bytes of a checksum."""
LEFT_OVER = 3600.0
"""Seconds after which a file that was never finished is removed."""


def key(*parts: str | bytes | Graph) -> str:
    """Return the name of what is compiled from some parts by this engine, on this machine.

    >>> key("one") == key("one"), key("on", "e") == key("one")
    (True, False)
    """
    digest = hashlib.blake2b(_surroundings(), digest_size=20)
    for part in parts:
        content = _content(part)
        digest.update(f"{type(part).__name__} {len(content)} ".encode())
        digest.update(content)
    return digest.hexdigest()


def _content(part: str | bytes | Graph) -> bytes:
    """Return a part as bytes; of a graph its ops by name, and its operands by their bits."""
    if isinstance(part, bytes):
        return part
    if isinstance(part, str):
        return part.encode()
    names = tuple([op.name for op in part.ops])
    return marshal.dumps(
        (names, part.operands, part[2:]), 2
    )  # version 2 has no references: equal, same bytes


@cache
def _surroundings() -> bytes:
    """Return a digest of what compiled code depends on besides the program: engine, LLVM, and machine.

    The version of the engine is in its sources.
    """
    llvmlite, binding = load("llvmlite", "fast"), load("llvmlite.binding", "fast")
    facts = (
        llvmlite.__version__, binding.llvm_version_info, binding.get_process_triple(),
        binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten(), sys.byteorder,
    )  # fmt: skip
    digest = hashlib.blake2b(repr(facts).encode())
    engine = Path(files.__file__).parent
    for source in sorted([*engine.glob("*.py"), *engine.glob("compile/*.py")]):
        digest.update(source.read_bytes())
    return digest.digest()


def user_folder() -> Path:
    """Return the folder for caches of the user whose process this is."""
    found: Path = load("platformdirs", "fast").user_cache_path("chainrule", appauthor=False)
    return found


class ObjectCache:
    """Files by name in a folder, at most `limit` bytes together: what was used longest ago goes first.

    Without a folder it is the user's own. A folder that cannot be written is as good as empty, a damaged
    file as good as none. Any number of processes may share it.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     ObjectCache(folder).write("a", b"code")
    ...     ObjectCache(folder).read("a"), ObjectCache(folder).read("b")
    (b'code', None)
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None, *, limit: int = 256 << 20) -> None:
        self.folder = user_folder() if folder is None else Path(folder)
        self.limit = limit

    def read(self, name: str) -> bytes | None:
        """Return what was written under a name; None where there is nothing, or not what was written."""
        path = self.folder / (name + SUFFIX)
        try:
            content = path.read_bytes()
        except OSError:
            return None
        payload = content[DIGEST:]
        if content[:DIGEST] != _checksum(name, payload):
            return None
        with contextlib.suppress(OSError):
            os.utime(path)  # it was used now
        return payload

    def write(self, name: str, payload: bytes) -> None:
        """Write a file whole or not at all, then remove the oldest beyond the limit."""
        if len(payload) > self.limit:
            return
        with contextlib.suppress(OSError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            files.write(self.folder / (name + SUFFIX), _checksum(name, payload) + payload)
            self._trim(name + SUFFIX)

    def _trim(self, kept: str) -> None:
        """Remove what was used longest ago until the rest is within the limit, and what was left over."""
        found = []
        for entry in os.scandir(self.folder):
            with contextlib.suppress(OSError):  # another process removed it
                if entry.name.endswith(SUFFIX):
                    found.append((entry.stat().st_mtime, entry.stat().st_size, entry.name))
        total = sum([size for _, size, _ in found])
        for used, size, name in sorted(found):
            unfinished = name.startswith(".")
            if (unfinished and used < time.time() - LEFT_OVER) or (
                total > self.limit and not unfinished and name != kept
            ):
                total -= size
                with contextlib.suppress(OSError):
                    os.unlink(self.folder / name)


def _checksum(name: str, payload: bytes) -> bytes:
    return hashlib.blake2b(payload, digest_size=DIGEST, key=name.encode()[:64]).digest()
