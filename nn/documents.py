"""Files of numbers that are whole or refused: JSON with a kind and a checksum."""

import hashlib
import json
from pathlib import Path
from typing import Any

from engine.files import write

VERSION = 1


def write_document(path: str | Path, kind: str, content: dict[str, Any]) -> None:
    """Write content as a document of a kind, whole or not at all: what stood there before stays until then.

    Errors: ValueError for nan and inf, which JSON has not; TypeError for what is no JSON; OSError.

    >>> write_document("model.json", "chainrule model", {"w": 0.5})  # doctest: +SKIP
    """
    try:
        content = json.loads(json.dumps(content, allow_nan=False))  # as it will be read: keys are texts
    except ValueError as error:
        raise ValueError(f"{path} cannot be written: it holds a nan or an inf ({error})") from None
    head = {"kind": kind, "version": VERSION, "checksum": _checksum(content)}
    text = json.dumps(head | {"content": content}, indent=1, allow_nan=False, ensure_ascii=False)
    write(Path(path), (text + "\n").encode())


def read_document(path: str | Path, kind: str) -> dict[str, Any]:
    """Return the content of a document; floats come back bit for bit.

    Errors: ValueError saying what is wrong with the file: no JSON, of another kind or version, or changed
    since it was written; OSError.

    >>> read_document("model.json", "chainrule model")  # doctest: +SKIP
    {'w': 0.5}
    """
    where = f"{Path(path)} cannot be used as a {kind}"
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise ValueError(f"{where}: it is no text in UTF-8 ({error})") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"{where}: it is no JSON, or only a part of it ({error})") from None
    except RecursionError:
        raise ValueError(f"{where}: it is nested too deeply") from None
    if not isinstance(document, dict) or not {"kind", "version", "checksum", "content"} <= document.keys():
        raise ValueError(f"{where}: it has no kind, version, checksum and content")
    if document["kind"] != kind:
        raise ValueError(f"{where}: it is a {document['kind']!r}")
    if document["version"] != VERSION:
        raise ValueError(f"{where}: it is of version {document['version']!r}, this program reads {VERSION}")
    content = document["content"]
    if not isinstance(content, dict) or document["checksum"] != _checksum(content):
        raise ValueError(f"{where}: its checksum does not fit, so it was damaged or changed by hand")
    return content


def fingerprint(thing: Any) -> str:
    """Return a text that differs where numbers or texts differ: SHA-256 of how they are written.

    >>> fingerprint([1.0, 2.0]) == fingerprint([1.0, 2.5])
    False
    """
    return hashlib.sha256(repr(thing).encode()).hexdigest()


def _checksum(content: Any) -> str:
    return fingerprint(json.dumps(content, sort_keys=True, ensure_ascii=False))
