"""The one door to optional packages: load them when first used, or say which extra brings them."""

import importlib
from types import ModuleType


def load(name: str, extra: str) -> ModuleType:
    """Import an optional package; ImportError names the extra that installs it.

    >>> load("math", extra="lab").pi
    3.141592653589793
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != name.partition(".")[0]:
            raise
        raise ModuleNotFoundError(
            f"this needs the package {name!r}, which is not installed; "
            f"run: python -m pip install 'chainrule[{extra}]'",
            name=error.name,
        ) from error
