"""A browser that opens pages, Debian's Chromium driven by Playwright, and JupyterLab; no network is asked."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.see.ledger import entries
from engine.see.page import page, save
from tests.parts import needed
from tests.see import computations

SWITCHES = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SETTINGS = {
    "apputils-extension/themes": {"adaptive-theme": True},
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "notebook-extension/tracker": {"windowingMode": "none"},
}
"""JupyterLab's theme follows the browser's, it asks no server for news, and all cells are in the page."""
STARTED = 120
"""Seconds that JupyterLab may take to start."""


def missing(what):
    """Skip the test, or fail it where everything has to be there."""
    reason = f"{what} is missing: pip install playwright axe-playwright-python, apt-get install chromium"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def chromium():
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("playwright")
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        missing("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe():
    """The script of axe-core, out of a package that brings it."""
    try:
        import axe_playwright_python
    except ImportError:
        missing("axe-playwright-python")
    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")


@pytest.fixture(scope="session")
def pages(tmp_path_factory):
    """A computation and the file of its page, by name; made once."""
    folder: Path = tmp_path_factory.mktemp("pages")
    made = {}

    def make(name):
        if name not in made:
            y = getattr(computations, name)()
            made[name] = y, save(folder / f"{name}.html", page(entries(y)))
        return made[name]

    return make


@pytest.fixture
def opened(chromium, pages):
    """Opens the page of a computation; at the end of a test nothing was fetched, no error reported."""
    contexts, faults = [], []

    def open_page(name, width=1280, height=900, scheme="light", path=None, **options):
        path = path or pages(name)[1]
        context = chromium.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, **options
        )
        contexts.append(context)
        shown = context.new_page()
        shown.on("console", lambda message: faults.append(f"{message.type}: {message.text}"))
        shown.on("pageerror", lambda error: faults.append(str(error)))
        shown.on("dialog", lambda dialog: (faults.append(dialog.message), dialog.dismiss()))
        shown.on("request", lambda r: None if r.url.startswith("file:") else faults.append(r.url))
        shown.goto(path.as_uri())
        return shown

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A JupyterLab of its own: its address, and the folder that it serves."""
    needed("jupyterlab", "dev")
    home = tmp_path_factory.mktemp("jupyterlab")
    folder = home / "notebooks"
    folder.mkdir()
    for name, setting in SETTINGS.items():
        path = home / f"config/lab/user-settings/@jupyterlab/{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(setting))
    variables = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "IPYTHONDIR": "ipython",
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1"]
    command += ["--ServerApp.port=0", "--IdentityProvider.token=", "--LabApp.extension_manager=readonly"]
    with (home / "log").open("w") as log:
        server = subprocess.Popen(
            [*command, f"--ServerApp.root_dir={folder}"],
            env=os.environ | {name: str(home / place) for name, place in variables.items()},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            yield started(server, home), folder
        finally:
            server.terminate()
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def started(server, home):
    """Return the address of a server as soon as it has told it."""
    end = time.monotonic() + STARTED
    while time.monotonic() < end and server.poll() is None:
        for path in (home / "runtime").glob("jpserver-*.json"):
            try:
                return json.loads(path.read_text())["url"]
            except json.JSONDecodeError:
                break
        time.sleep(0.1)
    raise RuntimeError(f"JupyterLab has not started:\n{(home / 'log').read_text()}")
