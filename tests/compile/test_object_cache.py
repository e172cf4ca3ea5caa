"""The cache of compiled objects: whole files or none, of this machine, bounded, shared by processes."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("llvmlite")

import llvmlite.binding

from engine import files, ops
from engine.compile import object_cache
from engine.compile.graph import CONSTANT, INPUT, PARAMETER, Graph
from engine.compile.object_cache import ObjectCache, key, user_folder


@pytest.fixture
def surroundings() -> Iterator[None]:
    """Forget before and after a test what the engine and the machine are."""
    object_cache._surroundings.cache_clear()
    yield
    object_cache._surroundings.cache_clear()


def graph(**changes: Any) -> Graph:
    nodes = Graph([PARAMETER, INPUT, CONSTANT, ops.mul], [(0,), (0,), (0.5,), (0, 1)], (3,), 1, 1)
    return nodes._replace(**changes)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    cache = ObjectCache(tmp_path / "a" / "b")
    for payload in (b"", b"x", os.urandom(300_000)):
        cache.write("name", payload)
        assert cache.read("name") == payload
    assert ObjectCache(tmp_path / "a" / "b").read("name") == payload
    assert cache.read("other") is None


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_the_folder_is_the_users_alone(tmp_path: Path) -> None:
    ObjectCache(tmp_path / "cache").write("name", b"code")
    assert (tmp_path / "cache").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("place", [0, 1, 15, 31, 32, 33, 64, 500, -1])
@pytest.mark.parametrize("bit", [1, 128])
def test_a_changed_byte_is_not_read(tmp_path: Path, place: int, bit: int) -> None:
    """In the checksum, at its end, at the start, in the middle and at the end of what it covers."""
    cache = ObjectCache(tmp_path)
    cache.write("name", bytes(range(256)) * 4)
    (path,) = tmp_path.iterdir()
    content = bytearray(path.read_bytes())
    content[place] ^= bit
    path.write_bytes(content)
    assert cache.read("name") is None
    cache.write("name", b"again")
    assert cache.read("name") == b"again"


@pytest.mark.parametrize("length", [0, 1, 31, 32, 33, 500, -1])
def test_a_truncated_or_longer_file_is_not_read(tmp_path: Path, length: int) -> None:
    cache = ObjectCache(tmp_path)
    cache.write("name", bytes(1000))
    (path,) = tmp_path.iterdir()
    content = path.read_bytes()
    path.write_bytes(content[:length])
    assert cache.read("name") is None
    path.write_bytes(content + b"\0")
    assert cache.read("name") is None


def test_a_file_under_another_name_is_not_read(tmp_path: Path) -> None:
    cache = ObjectCache(tmp_path)
    cache.write("one", b"code")
    (path,) = tmp_path.iterdir()
    path.rename(path.with_name(path.name.replace("one", "two")))
    assert cache.read("two") is None


def test_what_was_used_longest_ago_goes_first(tmp_path: Path) -> None:
    cache = ObjectCache(tmp_path, limit=1000)
    for i, name in enumerate("abc"):
        cache.write(name, bytes(250))
        (path,) = tmp_path.glob(f"{name}.*")
        os.utime(path, (1000.0 + i, 1000.0 + i))
    assert cache.read("a") is not None  # now it is the youngest
    cache.write("d", bytes(250))
    assert [cache.read(name) is not None for name in "abcd"] == [True, False, True, True]
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 1000


def test_what_is_too_large_is_not_kept(tmp_path: Path) -> None:
    cache = ObjectCache(tmp_path, limit=100)
    cache.write("name", bytes(101))
    assert list(tmp_path.iterdir()) == []


def test_what_was_never_finished_is_removed_in_time(tmp_path: Path) -> None:
    old, young = tmp_path / f".old{object_cache.SUFFIX}", tmp_path / f".young{object_cache.SUFFIX}"
    for path, age in ((old, 2 * object_cache.LEFT_OVER), (young, 0.0)):
        path.write_bytes(b"half")
        os.utime(path, (time.time() - age,) * 2)
    (tmp_path / "notes.txt").write_text("not ours")
    ObjectCache(tmp_path, limit=40).write("name", b"code")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        [young.name, "notes.txt", "name" + object_cache.SUFFIX]
    )


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = ObjectCache(tmp_path / "file" / "folder")
    cache.write("name", b"code")
    assert cache.read("name") is None


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = ObjectCache(tmp_path)
    cache.write("name", b"code")

    def full(path: Path, content: bytes) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(files, "write", full)
    cache.write("name", b"new")
    assert cache.read("name") == b"code"


HAMMER = """
import hashlib, random, sys
from engine.compile.object_cache import ObjectCache

rng, cache = random.Random(int(sys.argv[2])), ObjectCache(sys.argv[1], limit=60_000)
found = 0
for _ in range(300):
    name = str(rng.randrange(8))
    payload = hashlib.blake2b(name.encode()).digest() * 300
    if rng.random() < 0.5:
        cache.write(name, payload)
    else:
        got = cache.read(name)
        assert got is None or got == payload, name
        found += got is not None
print(found)
"""


def test_several_processes_at_once(tmp_path: Path) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", HAMMER, str(tmp_path), str(seed)],
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )
        for seed in range(4)
    ]
    found = [int(process.communicate(timeout=60)[0]) for process in processes]
    assert all(process.returncode == 0 for process in processes) and min(found) > 0
    assert not list(tmp_path.glob(".*")) and sum(p.stat().st_size for p in tmp_path.iterdir()) < 120_000


def test_the_key_tells_parts_apart() -> None:
    different = [
        key("ab"), key("a", "b"), key("b", "a"), key(b"ab"), key(graph()), key(graph(), "single"), key(),
        key(graph(operands=[(0,), (0,), (-0.0,), (0, 1)])), key(graph(operands=[(0,), (0,), (0.0,), (0, 1)])),
        key(graph(ops=[PARAMETER, INPUT, CONSTANT, ops.add])), key(graph(outputs=(2,))), key(graph(inputs=2)),
    ]  # fmt: skip
    assert len(set(different)) == len(different)
    assert key(graph(), "single") == key(graph(), "single")


@pytest.mark.usefixtures("surroundings")
def test_the_key_is_of_this_engine_and_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    here = key("program")
    changes: list[tuple[Any, str, Any]] = [
        (llvmlite.binding, "llvm_version_info", (1, 2, 3)),
        (llvmlite, "__version__", "0.1"),
        (llvmlite.binding, "get_host_cpu_name", lambda: "z80"),
        (llvmlite.binding, "get_host_cpu_features", lambda: llvmlite.binding.FeatureMap()),
    ]
    for owner, name, value in changes:
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, value)
            object_cache._surroundings.cache_clear()
            assert key("program") != here
    object_cache._surroundings.cache_clear()
    assert key("program") == here


@pytest.mark.usefixtures("surroundings")
def test_the_key_is_of_the_engines_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    here = key("program")
    object_cache._surroundings.cache_clear()
    read = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: read(path) + b"#" * (path.name == "ops.py"))
    assert key("program") != here


def test_the_users_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert "chainrule" in user_folder().parts
    if sys.platform == "linux":
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        assert user_folder() == tmp_path / "chainrule"
    monkeypatch.setattr(object_cache, "user_folder", lambda: tmp_path)
    assert ObjectCache().folder == tmp_path
