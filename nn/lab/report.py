"""The report of a lab: one HTML page, the same as slides, and the figures as JSON and CSV."""

import base64
import csv
import io
import json
import platform
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from engine.files import write
from engine.optional import load
from engine.see.theme import ROLES, palette
from nn._together import __version__
from nn.data.describing import sized
from nn.interrupt import Interrupt
from nn.lab import conclusions, figures, summary
from nn.lab.comparing import LEVEL
from nn.lab.conclusions import Conclusions
from nn.lab.figures import Sheet, sheets
from nn.lab.laboratory import Laboratory, Result
from nn.lab.pictures import Picture, pictures
from nn.lab.record import Record
from nn.lab.techniques import BATCH, FEWEST, MOST, PATIENCE, POINTS_TO_MEET, RATE

PAGE, SLIDES, RESULTS, TABLE = "report.html", "slides.html", "results.json", "results.csv"
PACKAGES = ("numpy", "scipy", "sklearn", "matplotlib")
"""Whose versions the report tells."""
COLUMNS = ("set", "technique", "seed", "fold", "score", "rmse", "seconds", "parameters", "error")


class Part(NamedTuple):
    """A data set in the report."""

    sheet: Sheet
    found: Conclusions
    headline: str
    pictures: list[Picture]

    def picture(self, kind: str) -> Picture | None:
        """The picture of a kind, None where there is none."""
        return next((one for one in self.pictures if one.kind == kind), None)


def save_report(
    folder: Path, lab: Laboratory, record: Record, *, slides: bool = False, jobs: int | None = None
) -> dict[str, Any]:
    """Write the report of a lab into a folder and return its figures, those of results.json.

    report.html shows everything, slides.html (with `slides`) the same as slides; results.csv has a line for
    each run. They depend on the record alone, not on the order in which it was written. An earlier report is
    replaced. The pictures of the sets are drawn by `jobs` at a time.

    Errors: OSError where a file cannot be written; ModuleNotFoundError naming the extra `lab`.

    >>> save_report(Path("runs/lab"), lab, record)  # doctest: +SKIP
    """
    results = lab.results(record)
    joblib = load("joblib", extra="lab")
    calls = (joblib.delayed(part)(sheet) for sheet in sheets(lab, results))
    parts = joblib.Parallel(n_jobs=jobs)(calls)
    whole = summary.summary([(one.sheet, one.found) for one in parts])
    told = _figures(lab, parts, whole)
    texts = {PAGE: _html("report.html", lab, parts, whole)}
    if slides:
        texts[SLIDES] = _html("slides.html", lab, parts, whole)
    texts[TABLE] = _csv(lab, results)
    told["files"] = sorted([*texts, RESULTS])
    texts[RESULTS] = json.dumps(told, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    with Interrupt():  # Ctrl-C between two files would leave a mixture of two reports
        (folder / SLIDES).unlink(missing_ok=True)
        for name, text in texts.items():
            write(folder / name, text.encode())
    return told


def part(sheet: Sheet) -> Part:
    """Return what the report has of a data set: its conclusions and pictures.

    >>> part(sheets(Laboratory(["iris"], ["tree"], seeds=1, folds=2), {})[0]).headline
    'No technique has figures.'
    """
    found = conclusions.conclusions(sheet)
    return Part(sheet, found, conclusions.headline(sheet, found), pictures(sheet))


def _figures(lab: Laboratory, parts: list[Part], whole: summary.Summary) -> dict[str, Any]:
    return {
        "seeds": lab.seeds,
        "folds": lab.folds,
        "versions": versions(),
        "techniques": {one.name: one.told for one in lab.techniques},
        "sets": [
            figures.as_json(one.sheet)
            | {"headline": one.headline, "conclusions": conclusions.as_json(one.found)}
            for one in parts
        ],
        "summary": summary.as_json(whole),
    }


def versions() -> dict[str, str]:
    """Return the versions of what computed.

    >>> list(versions())[:2]
    ['chainrule', 'Python']
    """
    ours = {"chainrule": __version__, "Python": platform.python_version()}
    return ours | {name: load(name, extra="lab").__version__ for name in PACKAGES}


def _csv(lab: Laboratory, results: Mapping[str, Result]) -> str:
    buffer = io.StringIO()
    table = csv.DictWriter(buffer, COLUMNS, extrasaction="ignore", lineterminator="\n")
    table.writeheader()
    table.writerows(results[job.key] for job in lab.jobs if job.key in results)
    return buffer.getvalue()


def _html(name: str, lab: Laboratory, parts: list[Part], whole: summary.Summary) -> str:
    jinja2 = load("jinja2", extra="lab")
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_asset),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    anchors = {one.sheet.subject.name: f"set-{number}" for number, one in enumerate(parts, 1)}
    filters = {"score": _score, "uri": _uri, "seconds": _seconds, "anchor": anchors.__getitem__}
    environment.filters |= filters
    page = environment.get_template(name)
    text: str = page.render(
        lab=lab,
        parts=parts,
        summary=whole,
        runs=len(lab.jobs),
        versions=versions(),
        style=load("markupsafe").Markup(style("page.css", name.replace(".html", ".css"))),
        level=LEVEL,
        sized=sized,
        mlp={
            "points": POINTS_TO_MEET, "fewest": FEWEST, "most": MOST, "batch": BATCH, "rate": RATE,
            "patience": PATIENCE,
        },
    )  # fmt: skip
    return text


def _asset(name: str) -> str:
    return (files("nn.lab") / "pages" / name).read_text(encoding="utf-8")


def style(*names: str) -> str:
    """Return CSS files of the pages behind the colours of both themes.

    >>> style("page.css")[:28]
    ':root { color-scheme: light;'
    """
    plain = "\n".join(map(_asset, names))
    used = [role for role in ROLES if f"var(--{role})" in plain]
    light, dark = (
        f"color-scheme: {theme}; " + "; ".join(f"--{role}: {palette(theme)[role]}" for role in used)
        for theme in ("light", "dark")
    )
    return f":root {{ {light} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n{plain}"


def _score(x: float) -> str:
    return f"{x:.3f}".replace("-", "\N{MINUS SIGN}")


def _uri(content: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


def _seconds(x: float) -> str:
    return f"{x:.2f} s" if x >= 0.1 else f"{1000 * x:.0f} ms"
