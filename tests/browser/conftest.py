"""A real browser for the player: Chromium, headless, that may reach nothing but this machine.

It needs the packages of the extra `browser` and a program `chromium` (Debian's will do). Where one of them is missing
the tests here are skipped, and say so.
"""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()


@pytest.fixture(scope="session")
def launch(tmp_path_factory):
    """A function that opens a window of a browser: `launch(color_scheme="dark")`."""
    playwright = pytest.importorskip("playwright.sync_api", reason="the package playwright is not installed")
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no program called chromium is installed")
    with playwright.sync_playwright() as started:
        opened = []

        def launch(**settings):
            settings = {"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce", **settings}
            context = started.chromium.launch_persistent_context(
                str(tmp_path_factory.mktemp("profile")), executable_path=program, headless=True, args=FLAGS, **settings
            )
            opened.append(context)
            return context

        yield launch
        for context in opened:
            context.close()


@pytest.fixture(scope="session")
def context(launch):
    return launch()


class Watched:
    """What a page said and asked for: nothing may be wrong in the end, and nobody else may have been asked."""

    def __init__(self, page):
        self.errors, self.strangers = [], []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: message.type == "error" and self.errors.append(message.text))
        page.on("request", lambda request: self._asked(request.url))

    def _asked(self, url):
        if not url.startswith(("file:", "data:", "blob:", "about:", "http://127.0.0.1:", "ws://127.0.0.1:")):
            self.strangers.append(url)


@pytest.fixture
def watched(context):
    """A page whose errors and requests are looked at when the test is over."""
    page = context.new_page()
    page.set_default_timeout(20_000)
    seen = Watched(page)
    yield page
    page.close()
    assert seen.strangers == []
    assert seen.errors == []


@pytest.fixture
def bench(watched, tmp_path):
    """A page on which the parts of the player can be called by name."""
    from autograd.step.player import source

    names = "layout, number, latex, typeset, nameOnCard, Trace, Player"
    path = tmp_path / "bench.html"
    script = f'<script type="module">{source.script()}\nObject.assign(window, {{{names}}});</script>'
    path.write_text(f"<!doctype html><meta charset='utf-8'><style>{source.style()}</style>{script}", "utf-8")
    watched.goto(path.as_uri())
    watched.wait_for_function("() => window.Player !== undefined")
    return watched


@pytest.fixture(scope="session")
def free_port():
    """A function that gives the number of a port that nobody uses."""

    def free_port():
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            return one.getsockname()[1]

    return free_port


@pytest.fixture(scope="session")
def serve(tmp_path_factory):
    """A function that starts a server and waits until it answers: `serve(command, url, folder)`. Its home."""
    running = []

    def serve(command, url, folder):
        home = tmp_path_factory.mktemp("home")
        settings = home / "JUPYTER_CONFIG_DIR" / "labconfig"
        settings.mkdir(parents=True)
        news, debugger = {"fetchNews": "false"}, {"@jupyterlab/debugger-extension": True}
        overrides = {"@jupyterlab/apputils-extension:notification": news}
        (settings / "default_setting_overrides.json").write_text(json.dumps(overrides))
        (settings / "page_config.json").write_text(json.dumps({"disabledExtensions": debugger}))
        folders = {name: str(home / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")}
        own = {"HOME": str(home), "IPYTHONDIR": str(home / "ipython"), "PYTHONPATH": str(ROOT), **folders}
        with (home / "log").open("w") as log:
            server = subprocess.Popen(command, cwd=folder, env={**os.environ, **own}, stdout=log, stderr=log)
        running.append(server)
        for _ in range(600):
            try:
                urllib.request.urlopen(url, timeout=1).close()
                return home
            except OSError:
                assert server.poll() is None, (home / "log").read_text()
                time.sleep(0.1)
        raise TimeoutError((home / "log").read_text())

    yield serve
    for server in running:
        server.terminate()
        server.wait(10)


@pytest.fixture(scope="session")
def lab(serve, free_port, launch, tmp_path_factory):
    """A running JupyterLab: its folder, its home, and a function that gives the address of a notebook."""
    pytest.importorskip("jupyterlab", reason="the package jupyterlab is not installed")
    folder, port, token = tmp_path_factory.mktemp("notebooks"), free_port(), secrets.token_hex(8)
    options = "--no-browser --allow-root --expose-app-in-browser --ServerApp.ip=127.0.0.1 --LabApp.news_url=None"
    never = "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate --LabApp.extension_manager=readonly"
    command = [sys.executable, "-m", "jupyterlab", *options.split(), *never.split(), f"--ServerApp.port={port}"]
    home = serve([*command, f"--IdentityProvider.token={token}"], f"http://127.0.0.1:{port}/api", folder)
    return folder, home, lambda name: f"http://127.0.0.1:{port}/lab/tree/{name}?token={token}&reset"
