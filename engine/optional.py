"""The one door to optional packages: load them when first used, or say which extra brings them."""

import importlib
import sys
from types import ModuleType


def load(name: str, extra: str | None = None) -> ModuleType:
    """Import a package when it is first used; ImportError names it, or the extra that brings it.

    >>> load("math", extra="lab").pi
    3.141592653589793
    """
    loaded = sys.modules.get(name)
    if loaded is not None:
        return loaded
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != name.partition(".")[0]:
            raise
        raise ModuleNotFoundError(
            f"this needs the package {name!r}, which is not installed; "
            f"run: python -m pip install '{f'chainrule[{extra}]' if extra else name}'",
            name=error.name,
        ) from error
