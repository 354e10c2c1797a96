"""A claim as its file has it: what is claimed, the markets that are run, and what has to come out for it to hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from pydantic import ConfigDict, Field, ValidationError

from ...model.checks import meant
from ...model.errors import InputError
from ...model.interventions import Intervention, check, read_interventions
from ...model.measures import MEASURES, OVERALL
from ...model.parameters import Value
from ...model.settings import overlaid, resolve
from ...model.shipped import read_toml
from ...model.stack import Stack, read_stack
from ...model.strict import Strict
from ..comparisons.comparison import WHOLE
from ..regimes import REGIMES, WINDOW
from ..sweeps.design import Design, factor
from .statistics import LAYERS, MEAN, RANK_CORRELATION, REGIME, STATISTICS

FOLDER = Path(__file__).resolve().parent
"""Where the files are."""


class ClaimError(InputError):
    """A claim that does not exist or whose file cannot be used: what is wrong and what would be right, in one line."""


class _Table(Strict):
    model_config = ConfigDict(frozen=True, populate_by_name=True)


class Quantity(_Table):
    """A number read from one run: a statistic in some layers, combined, less the mean over other layers.

    `of` is what the statistic is of: a measure, or a regime. `steps` are the first and the first that no longer
    counts; the last `window` of the claim if left out. The same in `less_steps` is subtracted: a change. `since` is a
    step that some statistics look back to.
    """

    statistic: str = MEAN
    of: str = ""
    layers: tuple[str, ...] = Field(default=(), strict=False)  # all that sell
    less_layers: tuple[str, ...] = Field(default=(), strict=False)
    combined: Literal["mean", "total", "largest"] = "mean"
    steps: tuple[int, int] | None = Field(default=None, strict=False)
    less_steps: tuple[int, int] | None = Field(default=None, strict=False)
    since: int = 0


class Criterion(Quantity):
    """What has to come out: a quantity in one market is more, less or the same as in another, or than a number.

    `least` is the smallest difference of interest, in the unit of the quantity, or as a share of what it is compared
    with if it is `relative`; for "same" and "at most" it is the largest that still counts as none.
    """

    says: str
    market: str = Field(alias="in")
    against: str = ""
    than: float = Field(default=0.0, allow_inf_nan=False)
    expect: Literal["more", "less", "same", "at most"]
    least: float = Field(ge=0, allow_inf_nan=False)
    relative: bool = False
    goes_with: Quantity | None = None


class MarketTable(_Table):
    """One of the markets: what is set in it, and the policy or the interventions that it meets."""

    set: dict[str, Value] = Field(default_factory=dict)
    policy: str = ""
    interventions: list[dict[str, Any]] = Field(default_factory=list)


class DesignTable(_Table):
    """Markets drawn over ranges of parameters (a Latin hypercube)."""

    points: int = Field(ge=3)
    parameters: dict[str, Any]


class ClaimTable(_Table):
    """The file. The first criterion is the main one."""

    claim: str
    how: str
    stack: str
    steps: int = Field(ge=1)
    window: int = Field(default=WINDOW, ge=1)
    seeds: int = Field(default=60, ge=2)
    set: dict[str, Value] = Field(default_factory=dict)
    markets: dict[str, MarketTable] = Field(default_factory=dict)
    design: DesignTable | None = None
    criteria: tuple[Criterion, ...] = Field(min_length=1, strict=False)


@dataclass(frozen=True)
class Market:
    """A market to run."""

    set: Mapping[str, Value]
    interventions: tuple[Intervention, ...]


@dataclass(frozen=True)
class Claim:
    """A claim with everything that its experiment needs, checked."""

    name: str
    file: Path
    table: ClaimTable
    stack: Stack
    markets: Mapping[str, Market]
    seeds: tuple[int, ...]

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        """What has to come out, the main criterion first."""
        return self.table.criteria

    @property
    def all_steps(self) -> int:
        """Steps of all its runs."""
        return self.table.steps * len(self.seeds) * len(self.markets)

    @property
    def command(self) -> str:
        """What reproduces its verdict."""
        asked = "" if len(self.seeds) == self.table.seeds else f" --seeds {len(self.seeds)}"
        return f"stackrace claims {self.name if self.file.parent == FOLDER else self.file}{asked}"

    def with_seeds(self, count: int | None) -> Claim:
        """The same with seeds 1 to `count`; as the file says if None."""
        return self if count is None else replace(self, seeds=tuple(range(1, count + 1)))


def claims() -> dict[str, Path]:
    """Name -> file of all claims, in order: C1 is in C01.toml."""
    return {f"C{int(file.stem[1:])}": file for file in sorted(FOLDER.glob("C*.toml"))}


def read_claim(name_or_path: str | Path) -> Claim:
    """A claim by its name ("C3") or a file by its path; raises ClaimError."""
    known, asked = claims(), str(name_or_path)
    found = re.fullmatch(r"[cC]0*(\d+)", asked)
    name = f"C{found[1]}" if found else Path(asked).stem
    if name not in known and not asked.endswith(".toml"):
        raise ClaimError(f"no claim is called {asked!r}: there are {', '.join(known)}, or give a .toml file's path")
    file = Path(asked) if asked.endswith(".toml") else known[name]
    tables = read_toml(file, str(file), ClaimError)
    try:
        return _checked(name, file, ClaimTable.model_validate(tables))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        raise ClaimError(f"{file}: {place}: {first['msg']}") from None
    except InputError as error:
        raise ClaimError(f"{file}: {error}") from None


def _checked(name: str, file: Path, table: ClaimTable) -> Claim:
    """The claim behind a table; raises InputError for whatever does not fit its stack."""
    stack = read_stack(table.stack)
    if "window" in table.model_fields_set and table.window > table.steps:
        raise ClaimError(f"window = {table.window} is longer than a run of {table.steps} steps")
    markets = {each: _market(table, stack, given) for each, given in table.markets.items()} | _drawn(table)
    if not markets:
        raise ClaimError("there is no market to run: write [markets.NAME], or [design]")
    for market in markets.values():
        check(market.interventions, stack, resolve(stack, market.set))
    for n, criterion in enumerate(table.criteria):
        for mistake in _mistakes(criterion, table, stack, markets):
            raise ClaimError(f"criteria[{n}]: {mistake}")
    return Claim(name, file, table, stack, markets, tuple(range(1, table.seeds + 1)))


def _market(table: ClaimTable, stack: Stack, given: MarketTable) -> Market:
    if given.policy and given.interventions:
        raise ClaimError("a market has a policy, or interventions of its own: give one of the two")
    planned = read_interventions(given.policy or given.interventions)
    return Market(overlaid(table.set, given.set), planned)


def _drawn(table: ClaimTable) -> dict[str, Market]:
    """A market for each point of the design."""
    if table.design is None:
        return {}
    factors = tuple(factor(name, given) for name, given in table.design.parameters.items())
    points = Design("latin", factors, table.design.points).made()
    return {f"point {n}": Market(overlaid(table.set, point), ()) for n, point in enumerate(points)}


def _mistakes(each: Criterion, table: ClaimTable, stack: Stack, markets: Mapping[str, Market]) -> list[str]:
    """What is wrong with a criterion."""
    parts: list[Quantity] = [each, *([each.goes_with] if each.goes_with else [])]
    across = each.statistic == RANK_CORRELATION
    named = [*([] if across else [each.market]), *([each.against] if each.against else [])]
    found = [f"no market is called {name!r}: {meant(name, markets)}" for name in named if name not in markets]
    if across != (each.goes_with is not None) or across != (table.design is not None):
        found.append(f"{RANK_CORRELATION}, goes_with and [design] belong together")
    if each.against and each.against == each.market:
        found.append(f"{each.market!r} is compared with itself: name another market in `against`")
    if each.expect == "same" and not each.least:
        found.append('expect = "same" needs `least`, the largest difference that counts as none, above 0')
    for part in parts:
        found += _misread(part, table, stack)
    return found


def _misread(part: Quantity, table: ClaimTable, stack: Stack) -> list[str]:
    """What is wrong with a quantity."""
    if part.statistic not in STATISTICS:
        return [f"no statistic is called {part.statistic!r}: {meant(part.statistic, STATISTICS)}"]
    known = REGIMES if part.statistic == REGIME else STATISTICS[part.statistic].measures
    known = stack.selling_layers if known == LAYERS else known
    places = (*stack.names, WHOLE)
    found = [f"no layer is called {layer!r}: {meant(layer, places)}" for layer in part.layers if layer not in places]
    found += [f"no layer is called {layer!r}" for layer in part.less_layers if layer not in stack.names]
    if part.of not in known:
        found.append(f"{part.of!r} is nothing that {part.statistic} is of: {meant(part.of, known)}")
    else:
        of_stack = not part.of or (part.statistic == MEAN and part.of in OVERALL)
        of_layers = part.statistic != MEAN or part.of in MEASURES
        wrong = [layer for layer in part.layers + part.less_layers if not (of_stack if layer == WHOLE else of_layers)]
        found += [f"{part.statistic} of {part.of!r} does not exist for {layer!r}" for layer in wrong]
    if not 0 <= part.since < table.steps:
        found.append(f"since = {part.since} is not among the {table.steps} steps of a run")
    for steps in (part.steps, part.less_steps):
        if steps and not 0 <= steps[0] < steps[1] <= table.steps:
            found.append(f"steps {list(steps)} are not among the {table.steps} of a run")
    return found
