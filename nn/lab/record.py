"""The record of a lab: a file of what its jobs came to, one line of JSON each, written as they end."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nn.checked import shown


class Record:
    """A file of results, which are added one by one and never changed.

    A line that a kill cut short counts as not written, and is taken off before the next one is added.

    Errors: ValueError, naming the line, for one that is no result of a job; OSError.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     record = Record(Path(folder, "jobs.jsonl"))
    ...     record.add({"key": "a", "score": 0.5})
    ...     record.read()
    {'a': {'key': 'a', 'score': 0.5}}
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    def read(self) -> dict[str, Mapping[str, Any]]:
        """Return the results by the keys of their jobs; of two with one key the first.

        Errors: those of the class.
        """
        found: dict[str, Mapping[str, Any]] = {}
        for result in self._lines():
            found.setdefault(result["key"], result)
        return found

    def _lines(self) -> Iterator[Mapping[str, Any]]:
        for number, line in enumerate(self._whole().split(b"\n")[:-1], 1):
            try:
                result = json.loads(line)
                whole = isinstance(result, dict) and isinstance(result.get("key"), str)
            except ValueError:
                whole = False
            if not whole:
                raise ValueError(
                    f"{self.path}, line {number}: no result of a job; take the line out, or begin anew with "
                    "--restart"
                )
            yield result

    def _whole(self) -> bytes:
        """Return the file up to the end of its last whole line."""
        content = self.path.read_bytes() if self.path.exists() else b""
        return content[: content.rfind(b"\n") + 1]

    def add(self, result: Mapping[str, Any]) -> None:
        """Write a result, a dict with the `key` of its job, at the end.

        Errors: ValueError for nan and inf, which JSON has not, and for a result without a key.
        """
        if not isinstance(result, Mapping) or not isinstance(result.get("key"), str):
            raise ValueError(f"a result is a dict with the key of its job, got {shown(result)}")
        line = json.dumps(result, allow_nan=False, ensure_ascii=False) + "\n"
        with self.path.open("ab") as file:
            file.write(line.encode())

    def mend(self) -> None:
        """Take off what follows the last whole line."""
        if self.path.exists():
            with self.path.open("r+b") as file:
                file.truncate(len(self._whole()))
