"""Settings of the method, and the interval of a measurement."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from scripts import begin

import tep_nb as tep
from tep_nb import TEP, Budget
from tep_nb.core.text import Bound
from tep_nb.errors import ConfigError
from tep_nb.method.measure import interval


@pytest.mark.parametrize("n", range(1, 60))
def test_the_interval_of_all_wrong_begins_at_zero(n: int) -> None:
    """Wilson's ends are exactly 0 and 1 there, not 2.8e-17; the other end is inside."""
    low, high = interval([0.0] * n)
    assert low == 0.0 < high < 1.0
    low, high = interval([1.0] * n)
    assert 0.0 < low < high == 1.0


@pytest.mark.parametrize("phases", [(), [], ("nudged", "free"), ("free", "free"), ("other",)])
def test_phases_that_cannot_run(phases: tuple[str, ...]) -> None:
    """No phase at all, or another order, is refused."""
    with pytest.raises(ConfigError, match="phases="):
        tep.TEP(phases=phases)  # type: ignore[arg-type]


@pytest.mark.parametrize("method", [3, "TEP", tep.TEP])
def test_another_method_makes_no_file(tmp_path: Path, method: object) -> None:
    """Start says what it needs, and nothing is written."""
    with pytest.raises(TypeError, match="start needs a TEP as its method, not a"):
        begin(tmp_path / "r.tep", method=method)
    assert not list(tmp_path.iterdir())


def test_settings_are_read_back() -> None:
    """What is recorded makes the same method."""
    method = tep.TEP(seed=3, phases=("free",), bound=tep.Bound(hunks=5))
    assert tep.TEP.from_settings(method.settings()) == method


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: TEP(sed=1), "TEP has no setting 'sed'; did you mean seed?"),
        (lambda: TEP.paper(minibach=4), "TEP has no setting 'minibach'; did you mean minibatch?"),
        (lambda: TEP.from_settings({**TEP().settings(), "sed": 1}), "TEP has no setting 'sed'; did you mean seed?"),
        (lambda: Budget(call=3), "Budget has no cap 'call'; did you mean calls?"),
        (lambda: Budget(xyz=3), "Budget has no cap 'xyz'; there are calls, tokens, seconds"),
        (lambda: Bound(hunk=3), "Bound has no limit 'hunk'; did you mean hunks?"),
    ],
)
def test_a_name_that_there_is_not(make: Callable[[], object], said: str) -> None:
    """The closest one is named, else all; what a page shows as the signature is still the settings'."""
    with pytest.raises(ConfigError, match=re.escape(said)):
        make()
    assert list(inspect.signature(TEP).parameters)[:2] == ["seed", "phases"]
    assert replace(Budget(calls=3), tokens=4) == Budget(3, 4)
