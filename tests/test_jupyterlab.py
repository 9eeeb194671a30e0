"""A notebook as an analyst runs it: JupyterLab in a browser, "Run All Cells", a picture at the end."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from conftest import IN_CI, ROOT

TOKEN = "mttq-test"
NOTEBOOK = "01_report_statistics.ipynb"
STARTS, RUNS = 90, 180
SETTINGS = {
    # Cells that are off the screen are otherwise not in the page at all.
    "notebook-extension/tracker": '{"windowingMode": "none", "autoStartDefaultKernel": true}',
    # No question about news, and no look for a newer version, on a machine without a network.
    "apputils-extension/notification": '{"fetchNews": "false", "checkForUpdates": false}',
}
# "ran" once every code cell has a number, the traceback of one that failed, nothing while they run.
ENDED = """() => {
    const failed = [...document.querySelectorAll(".jp-Notebook [data-mime-type='application/vnd.jupyter.stderr']")]
        .map(output => output.textContent).find(text => text.includes("Traceback (most recent call last)"));
    const prompts = [...document.querySelectorAll(".jp-Notebook .jp-CodeCell .jp-InputPrompt")];
    return failed || (prompts.length && prompts.every(p => /\\[\\d+\\]/.test(p.textContent)) && "ran");
}"""


@pytest.fixture(scope="module")
def playwright():
    """Playwright's synchronous interface; without it skip, or fail in CI."""
    try:
        return importlib.import_module("playwright.sync_api").sync_playwright
    except ImportError:
        reason = "Playwright is not installed (pip install -e .[dev])"
        if IN_CI:
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A copy of what a clone holds, so that running a notebook changes no file of the repository."""
    place = tmp_path_factory.mktemp("lab")
    for name in ("notebooks", "data/raw"):
        shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    shutil.copy(ROOT / "pyproject.toml", place)
    for name, text in SETTINGS.items():
        file = place / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True)
        file.write_text(text, encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def lab(folder):
    """Address of a JupyterLab on the copy; ended afterwards."""
    importlib.import_module("jupyterlab")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {f"JUPYTER_{name}_DIR": str(folder / name.lower()) for name in ("CONFIG", "RUNTIME")}
    own |= {"JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"), "JUPYTERLAB_WORKSPACES_DIR": str(folder / "spaces")}
    # The tests draw without a window; a notebook draws into the page.
    env = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"} | own
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", f"--port={port}", "--ip=127.0.0.1",
               f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={folder}", "--ServerApp.port_retries=0"]  # fmt: skip
    log = folder / "lab.log"
    with log.open("wb") as stream:
        server = subprocess.Popen(command, cwd=folder, env=env, stdout=stream, stderr=subprocess.STDOUT)
    try:
        _wait_for(f"http://127.0.0.1:{port}/api/status?token={TOKEN}", server, log)
        yield f"http://127.0.0.1:{port}/lab/tree/notebooks/{NOTEBOOK}?token={TOKEN}&reset"
    finally:
        server.terminate()
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + STARTS
    while time.monotonic() < until and server.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            time.sleep(0.3)
    pytest.fail(
        f"JupyterLab did not start:\n{log.read_text(encoding='utf-8', errors='replace')[-2000:]}", pytrace=False
    )


def _wait_for_kernel(lab: str) -> None:
    """Until the page is connected to a kernel at rest; before, "Run All Cells" would ask which one to take."""
    until = time.monotonic() + STARTS
    while time.monotonic() < until:
        with urllib.request.urlopen(f"{lab.split('/lab/')[0]}/api/sessions?token={TOKEN}", timeout=10) as answer:
            kernels = [session["kernel"] for session in json.load(answer)]
        if any(kernel["connections"] and kernel["execution_state"] == "idle" for kernel in kernels):
            return
        time.sleep(0.3)
    pytest.fail("the notebook's kernel did not start", pytrace=False)


def test_run_all_ends_in_a_picture(playwright, need_program, lab):
    chromium = need_program("chromium", "chromium-browser", "google-chrome")
    with playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"])
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        page.goto(lab, timeout=STARTS * 1000)
        page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=STARTS * 1000)
        _wait_for_kernel(lab)
        page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status='idle']", timeout=STARTS * 1000)
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        # A cell that fails keeps those after it from ever running: stop there and say what it said.
        state = page.wait_for_function(ENDED, timeout=RUNS * 1000).json_value()
        assert state == "ran"
        picture = page.locator(".jp-Notebook .jp-OutputArea-output img").last
        picture.wait_for(timeout=30_000)
        assert picture.evaluate("image => image.naturalWidth") > 300
        browser.close()
