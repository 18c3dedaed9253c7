"""One JupyterLab and one Chromium for all browser tests; each test gets a page that may not misbehave."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from driving import CHROMIUM, QUIET, Lab, Watch, open_notebook, run_all, running_lab
from scene import SETUP, start

NUMBERS = itertools.count(1)

HARMLESS = (
    "favicon",  # Lab has none for a document
    "ResizeObserver loop",  # Lab's own, on slow machines
    "(reading 'schema')",  # Notebook 7.6 says these two of itself, also of an empty notebook
    "'filebrowser:open-path' not registered",
)


def pytest_collection_modifyitems(items):
    """All of this folder drives a browser; where there is none, say so."""
    for item in items:
        if "tests/browser" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="no Chromium on this machine: apt-get install chromium"))


@pytest.fixture(scope="session")
def lab(tmp_path_factory) -> Iterator[Lab]:
    with running_lab(tmp_path_factory.mktemp("lab")) as server:
        yield server


@pytest.fixture(scope="session")
def chromium():
    playwright = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install 'tep-nb[test]'")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture
def watch(lab):
    return Watch(lab.url)


@pytest.fixture
def page(chromium, lab, watch):
    """A page of its own context; afterwards: no console error, no request off the machine."""
    context = chromium.new_context(viewport={"width": 1280, "height": 1000})
    context.set_default_timeout(20_000)
    opened = context.new_page()
    watch.listen(opened)
    yield opened
    context.close()
    assert watch.strangers == []
    assert [error for error in watch.errors if not any(word in error for word in HARMLESS)] == []


@pytest.fixture
def opened(page, lab):
    """Open a notebook with a session and the given last cells, all run."""

    def opener(*cells, phases=("free",), app="doc/tree"):
        number = next(NUMBERS)
        name = lab.notebook(f"studio{number}.ipynb", SETUP, start(f"s{number}.tep", phases), *cells)
        open_notebook(page, lab, name, app)
        run_all(page)
        return page

    return opener
