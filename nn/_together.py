"""One version for `nn` and the package `engine` that comes with it."""

import engine

__version__ = "0.2.0"


def check(engine_version: str | None, where: str | None) -> None:
    """Raise ImportError unless `engine` is the one that belongs to this `nn`.

    >>> check(__version__, None)
    """
    if engine_version == __version__:
        return
    found = "has no version" if engine_version is None else f"has version {engine_version}"
    raise ImportError(
        f"nn {__version__} needs the package 'engine' of the distribution chainrule {__version__}, but the "
        f"'engine' that was found {found} and lies at {where}: another package or file of that name is in "
        "the way; rename it or run elsewhere, or reinstall chainrule in an environment of its own"
    )


check(
    getattr(engine, "__version__", None),
    getattr(engine, "__file__", None) or str(getattr(engine, "__path__", "")),
)
