"""What the package promises by name."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path

import pytest

import tep_nb as tep
from tep_nb import errors

PACKAGE = Path(tep.__file__).parent
MODULES = sorted(
    ".".join(("tep_nb", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")
    for folder in (".", "core", "model", "method", "method/tep", "task")
    for path in (PACKAGE / folder).glob("*.py")
    if not path.name.startswith("_") and not path.name.startswith("cli")
)
PINNED = [
    "Agent",
    "Tool",
    "Graph",
    "Dataset",
    "Prompt",
    "Rubric",
    "Criterion",
    "Score",
    "Session",
    "State",
    "Proposal",
    "Evidence",
    "Decision",
    "Budget",
    "Models",
    "TEP",
    "SimulatedModel",
    "ScriptedModel",
    "OpenAIModel",
    "RecordedModel",
    "judge",
    "deciders",
    "task",
    "load_dataset",
    "TepError",
]


def test_all_is_what_is_exported() -> None:
    """``__all__`` has every public name once, constants, classes and functions each in order (as ruff sorts it)."""
    public = {name for name in dir(tep) if not name.startswith("_")}
    modules = {name for name in public if inspect.ismodule(getattr(tep, name))} - {"deciders", "task"}
    late = {"load_ipython_extension", "unload_ipython_extension", "annotations", "TYPE_CHECKING", "Any", "import_module"}
    assert set(tep.__all__) == (public - modules - late) | {"__version__"}
    assert len(set(tep.__all__)) == len(tep.__all__)

    def place(name: str) -> tuple[int, str]:
        return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)

    assert tep.__all__ == sorted(tep.__all__, key=place)


@pytest.mark.parametrize("name", PINNED)
def test_pinned_names_exist(name: str) -> None:
    """DESIGN section 9: notebooks written by other hands find these."""
    assert name in tep.__all__


@pytest.mark.parametrize("name", [n for n in tep.__all__ if n != "__version__"])
def test_public_doors_have_docstrings(name: str) -> None:
    """Every exported name, and every public method of an exported class, says what it is."""
    value = getattr(tep, name)
    if isinstance(value, type(tep.Metric | None)) or not (
        inspect.isclass(value) or inspect.isroutine(value) or inspect.ismodule(value)
    ):
        return
    assert (value.__doc__ or "").strip(), name
    if inspect.isclass(value):
        for method, found in vars(value).items():
            fn = (
                found.fget
                if isinstance(found, property)
                else found.__func__
                if isinstance(found, classmethod | staticmethod)
                else found
            )
            if not method.startswith("_") and inspect.isfunction(fn):
                assert (fn.__doc__ or "").strip(), f"{name}.{method}"


@pytest.mark.parametrize("name", MODULES)
def test_every_module_names_what_it_exports(name: str) -> None:
    """Every name of a module's ``__all__`` exists, each once."""
    module = importlib.import_module(name)
    names = getattr(module, "__all__", [])
    assert len(set(names)) == len(names)
    assert [n for n in names if not hasattr(module, n)] == []


def test_verbs_of_the_session() -> None:
    """The verbs of DESIGN sections 4 and 7 are methods of Session."""
    verbs = "start resume propose assess decide suggest freeze undo rewind fork run evaluate ask estimate subscribe close"
    assert [verb for verb in verbs.split() if not callable(getattr(tep.Session, verb, None))] == []


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    """errors.py draws every exception below its parent."""
    assert errors.__doc__ is not None
    stack: list[str] = []
    for line in errors.__doc__.splitlines():
        if "──" not in line and line.strip() != "TepError":
            continue
        depth = 0 if line.strip() == "TepError" else (line.index("──") - 1) // 4
        name = line.replace("│", "").replace("├──", "").replace("└──", "").split()[0]
        stack = [*stack[:depth], name]
        if depth:
            assert stack[depth - 1] in [base.__name__ for base in getattr(errors, name).__bases__], name
    drawn = {word for word in errors.__doc__.replace("├", " ").replace(";", " ").split() if word in errors.__all__}
    exceptions = {name for name in errors.__all__ if issubclass(getattr(errors, name), BaseException)}
    assert drawn - {"Retry"} == exceptions
