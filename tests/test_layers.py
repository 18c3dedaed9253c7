"""The direction of DESIGN section 3, walked over every import."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "tep_nb"
FILES = sorted(PACKAGE.rglob("*.py"))

RIM = ("session", "stepping", "deciding", "inquiry", "recorder", "opening")
ALLOWED: dict[str, tuple[str, ...]] = {
    "errors": (),
    "_version": (),
    "core": ("errors", "core"),
    "deciders": ("errors", "core"),
    "io": ("errors", "core", "table"),
    "table": ("errors", "core"),
    "journal": ("errors", "core", "journal_file"),
    "journal_file": ("errors", "core"),
    "model.base": ("errors", "core"),
    "model": ("errors", "core", "journal", "model"),
    "task": ("errors", "core", "io", "model.base", "task"),
    "method": ("errors", "core", "journal", "model", "method"),
    **dict.fromkeys(RIM, ("errors", "_version", "core", "journal", "model", "method", *RIM)),
    "report": ("errors", "_version", "core", "journal", "io", "model", "method", *RIM, "deciders", "task", "report"),
}
"""Layer to what it may import; what is not named here (cli, notebook) stands at the rim and may import everything."""

STDLIB = sys.stdlib_module_names
AT_THE_TOP: dict[str, tuple[str, ...]] = {
    "report": ("matplotlib", "nbformat", "yaml", "nbclient"),
    "cli": ("nbformat", "nbclient"),
}
"""Third parties that a layer may import at the top; notebook/ may import any."""

LATE: dict[str, tuple[str, ...]] = {
    "core.graph": ("networkx",),
    "table": ("pandas", "pyarrow"),
    "model.openai": ("openai", "httpx", "httpx2"),
}
"""Modules that may import a third party inside a function or under TYPE_CHECKING."""


def module(path: Path) -> str:
    """tep_nb/core/text.py -> core.text; packages are named without __init__."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def layer(name: str) -> str:
    """The longest layer that holds a module."""
    found = [key for key in ALLOWED if name == key or name.startswith(f"{key}.")]
    return max(found, key=len, default="")


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """(module, whether it stands in a function) of every import but those for type checkers."""

    def walk(node: ast.AST, late: bool) -> Iterator[tuple[str, bool]]:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            return
        late = late or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        if isinstance(node, ast.Import):
            yield from ((alias.name, late) for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            base = node.module or ""
            for alias in node.names:
                whole = PACKAGE.parent.joinpath(*base.split("."), alias.name)
                inside = base.startswith("tep_nb") and (whole.with_suffix(".py").exists() or whole.is_dir())
                yield (f"{base}.{alias.name}" if inside else base), late
        for child in ast.iter_child_nodes(node):
            yield from walk(child, late)

    yield from walk(ast.parse(path.read_text(encoding="utf-8")), late=False)


def test_imports_are_found(tmp_path: Path) -> None:
    """The walk sees plain, late and submodule imports and skips those for type checkers."""
    file = tmp_path / "x.py"
    file.write_text("import a.b\nfrom tep_nb.core import text\nif TYPE_CHECKING:\n    import c\ndef f():\n    import d\n")
    assert list(imports(file)) == [("a.b", False), ("tep_nb.core.text", False), ("d", True)]


@pytest.mark.parametrize("path", FILES, ids=module)
def test_own_imports_go_down(path: Path) -> None:
    """A module imports only layers below its own."""
    name = module(path)
    if not (mine := layer(name)):
        return
    for target, _ in imports(path):
        if target == "tep_nb" or target.startswith("tep_nb."):
            other = target.removeprefix("tep_nb").removeprefix(".")
            fits = any(other == key or other.startswith(f"{key}.") for key in ALLOWED[mine])
            assert fits, f"{name} imports {target}, allowed are {ALLOWED[mine]}"


@pytest.mark.parametrize("path", FILES, ids=module)
def test_third_parties_stand_where_they_may(path: Path) -> None:
    """Outside the standard library, a layer imports only what is named for it; heavy ones late."""
    name = module(path)
    top = name.partition(".")[0]
    if top == "notebook":
        return
    early = (*AT_THE_TOP.get(top, ()), *AT_THE_TOP.get(top.partition("_")[0], ()))
    for target, late in imports(path):
        root = target.partition(".")[0]
        if root == "tep_nb" or root in STDLIB:
            continue
        allowed = LATE.get(name, ()) + early if late else early
        assert root in allowed, f"{name} imports {root} {'late' if late else 'at the top'}, allowed are {allowed}"


@pytest.mark.parametrize("path", FILES, ids=module)
def test_own_package_is_imported_late_only_in_init(path: Path) -> None:
    """No late imports of our own package but those of load_ipython_extension."""
    if module(path) != "":
        late = [target for target, late in imports(path) if late and target.partition(".")[0] == "tep_nb"]
        assert late == []


def test_import_is_light() -> None:
    """``import tep_nb`` in a fresh interpreter loads no notebook, plotting, client or table library."""
    heavy = [
        "IPython",
        "ipywidgets",
        "anywidget",
        "traitlets",
        "matplotlib",
        "openai",
        "pandas",
        "networkx",
        "nbformat",
        "numpy",
        "httpx",
        "yaml",
    ]
    code = f"import sys, tep_nb; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
