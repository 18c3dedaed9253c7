"""One JupyterLab and one Chromium for all browser tests; each test gets a page that may not misbehave."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from driving import CHROMIUM, QUIET, Lab, Watch, open_notebook, run_all, running_lab
from judging import Stage, Wire
from playwright.sync_api import expect
from scene import SETUP, start

expect.set_options(timeout=20_000)  # a machine that others use, too, is slow; what holds, holds at once
SIZE = {"width": 1280, "height": 1000}
NUMBERS = itertools.count(1)

HARMLESS = (
    "favicon",  # Lab has none for a document
    "ResizeObserver loop",  # Lab's own, on slow machines
    "(reading 'schema')",  # Notebook 7.6 says these two of itself, also of an empty notebook
    "'filebrowser:open-path' not registered",
    "Canceled future for create_subshell_request",  # Lab's own, of a kernel that is restarted while it makes one
    "/api/contents?content=1",  # the server's own: a file that goes while it lists the folder
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
    context = chromium.new_context(viewport=SIZE)
    context.set_default_timeout(20_000)
    opened = context.new_page()
    watch.listen(opened)
    yield opened
    context.close()
    well_behaved(watch)


def well_behaved(watch):
    """No console error, no request off the machine."""
    assert watch.strangers == []
    assert [error for error in watch.errors if not any(word in error for word in HARMLESS)] == []


@pytest.fixture(scope="session")
def stages(chromium, lab):
    """Pages by app, each with one notebook and one kernel for all tests that only show cells of their own."""
    found = {}

    def stage(app):
        if app not in found:
            page = chromium.new_context(viewport=SIZE).new_page()
            page.context.set_default_timeout(20_000)
            found[app] = Stage(page, lab, Watch(lab.url), Wire())
            found[app].watch.listen(page)
            found[app].wire.listen(page)
            open_notebook(page, lab, lab.notebook(f"stage{len(found)}.ipynb", "import prepared"), app)
        return found[app]

    yield stage
    for one in found.values():
        one.page.context.close()


def on_stage(stage):
    """Yield a stage; afterwards: well behaved, and as the next test expects it."""
    stage.watch.errors.clear()
    stage.watch.strangers.clear()
    stage.page.set_viewport_size(SIZE)
    yield stage
    well_behaved(stage.watch)


@pytest.fixture
def stage(stages):
    """JupyterLab, shared: ``stage.show(cells)``."""
    yield from on_stage(stages("doc/tree"))


@pytest.fixture(params=["doc/tree", "notebooks"], ids=["lab", "notebook"])
def app(request):
    """JupyterLab and Notebook 7, for `open_notebook`."""
    return request.param


@pytest.fixture
def each_stage(app, stages):
    """JupyterLab and Notebook 7, shared."""
    yield from on_stage(stages(app))


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
