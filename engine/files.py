"""Writing a file whole or not at all."""

import errno
import os
import secrets
from pathlib import Path


def write(path: Path, content: bytes) -> None:
    """Put content into the file at path; where that fails, what stood there before still stands.

    Errors: OSError where the file cannot be written.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(Path(folder, "a.txt"), b"a")
    ...     Path(folder, "a.txt").read_text()
    'a'
    """
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "there is no such folder", str(path.parent))
    draft = path.with_name(f".{secrets.token_hex(8)}{path.suffix}")
    try:
        draft.write_bytes(content)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
