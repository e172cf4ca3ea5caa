"""Parts that a test needs: where one is missing the test skips, but in CI it fails."""

import importlib
import os
from typing import Any

import pytest


def needed(name: str, extra: str = "fast") -> Any:
    """Return a package, or skip the module that asks for it; in CI all parts have to be there."""
    if os.environ.get("CI") == "true":
        return importlib.import_module(name)
    return pytest.importorskip(name, reason=f"needs {name}: python -m pip install 'chainrule[{extra}]'")
