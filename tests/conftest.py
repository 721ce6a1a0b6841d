"""Fixtures for every test: an error lost in a Deferred fails the test that lost it."""

import fcntl
import gc
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, sync_playwright
from twisted.logger import LogLevel, globalLogPublisher

from tests.pages import static_server
from tools.postgres import Server, running

settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=60)
settings.load_profile("suite")

# A shell that runs the tests in its background has them ignore Ctrl-C, and so would every server that they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

FIRST = ("journeys", "vod", "crash", "pages", "cli", "contract")
"""Folders whose files take long begin first, so that no worker is left alone with one of them at the end."""

NOT_NEEDED = (
    # The popups of the address bar are two pages in a process of their own per window, a renderer is kept in store:
    # together two thirds of what a test with a page costs.
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup", "SpareRendererForSitePerProcess"),
    # What playwright switches off, which the list given here replaces.
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades", "LensOverlay"),
    *("HttpsFirstBalancedModeAutoEnable", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning"),
    *("AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints", "NetworkTimeServiceQuerying", "AimEnabled"),
    "PreconnectToSearch",
    "LocalNetworkAccessChecks",
)
"""Features of Chromium that no page knows of."""

CHROMIUM = (
    f"--disable-features={','.join(NOT_NEEDED)}",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files in the order in which workers should begin them; within a file nothing is moved."""
    items.sort(key=lambda item: next((at for at, name in enumerate(FIRST) if name in item.path.parts), len(FIRST)))


def pytest_collection_finish() -> None:
    """What was made of six thousand tests stays till the end: no collection of garbage need look through it."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def lost_errors() -> Iterator[list[str]]:
    """Fail the test when a Deferred's error reached nobody, or something was logged as critical.

    A test that provokes such an error on purpose takes this fixture and clears the list.
    """
    seen: list[str] = []

    def watch(event: dict[str, Any]) -> None:
        if event.get("log_level") is LogLevel.critical:
            seen.append(str(event.get("log_failure") or event.get("log_format")))

    globalLogPublisher.addObserver(watch)
    yield seen
    gc.collect(1)
    globalLogPublisher.removeObserver(watch)
    assert not seen, f"lost errors: {seen}"


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], None]], Path]:
    """`made_once(name, make)`: a folder that one of the test processes makes by `make(folder)`, for all to copy."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own

    def folder(name: str, make: Callable[[Path], None]) -> Path:
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (shared / name).exists():
                shutil.rmtree(shared / f"{name}.new", ignore_errors=True)
                (shared / f"{name}.new").mkdir()
                make(shared / f"{name}.new")
                (shared / f"{name}.new").rename(shared / name)
        return shared / name

    return folder


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """One real PostgreSQL for all tests of a session."""
    with running() as server:
        yield server


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One real Chromium for all tests of a process: playwright allows no second one beside it.

    It finds the static files of pages at http://tv.test, which is no server otherwise.
    """
    with static_server.serving() as port, sync_playwright() as playwright:
        switches = (*CHROMIUM, f"--host-resolver-rules=MAP tv.test 127.0.0.1:{port}")
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=switches)
        yield browser
        browser.close()
