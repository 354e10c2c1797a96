"""Two ensembles compared seed by seed: what a change of a market does, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from ...model.checks import meant
from ...model.contacts import fingerprint
from ...model.errors import InputError, checked_count, checked_mapping, checked_names
from ...model.interventions import never_in_force
from ...model.measures import MEASURES, OVERALL
from ...model.settings import differences
from ...model.stack import Stack
from ..ensemble import Ensemble, as_ensemble
from ..regimes import WINDOW
from ..run import Run
from .comparison import WHOLE, Comparison
from .paired import holm, paired_effect
from .transitions import transitions

if TYPE_CHECKING:
    import pandas as pd

COMPARABLE = tuple(name for name, each in {**MEASURES, **OVERALL}.items() if each.unit != "slot")
"""All measures that have a mean: who leads is a slot, and between two slots there is no other."""
POLICY = (
    "hhi",
    "lerner",
    "profit_share",
    "fragility",
    "volume",
    "unserved",
    "entry_rate",
    "exit_rate",
    "independent_stacks",
    "control_hhi",
    "final_volume",
    "margin",
)
"""What is compared unless measures are named: concentration, pricing power, where value accrues, how much hangs
on one supplier, access, entry and exit, choice, concentration of owners, and what the whole stack delivers."""

FEW = 10
"""Below so many seeds the bootstrap interval of a mean covers it clearly less often than it says."""


def compare(
    base: Ensemble | Run,
    other: Ensemble | Run,
    *,
    window: int = WINDOW,
    measures: Iterable[str] | None = None,
    half_width: Mapping[str, float] | None = None,
    labels: tuple[str, str] = ("base", "other"),
) -> Comparison:
    """What `other` does differently from `base`, paired by seed: positive effects are higher in `other`.

    Values are means over the last `window` steps, of those steps in which a measure has a value. `measures` are names
    of measures of layers, of the whole stack or of both (`COMPARABLE`; `POLICY` if left out). `half_width` says per
    measure, in its unit, how narrow an interval should be for the seeds needed; 10 % of the base's mean if left out.

    Raises InputError when there is nothing to pair: other layers, another last step, no seed in common.
    """
    import pandas as pd

    for each in (base, other):
        if not isinstance(each, Run | Ensemble):
            raise InputError(f"{each!r} is no run: compare what simulate, repeat or load return")
    one, two = as_ensemble(base), as_ensemble(other)
    names, widths = known(measures), checked_mapping("half_width", half_width, "{'hhi': 100}")
    known(widths or None)
    seeds, begin = _shared(one, two)
    end = one.runs[0].last_step
    window = min(checked_count("window", window, 1), end - begin + 1)
    before, after = (_table(each, names, seeds, begin) for each in (one, two))
    pairs = _pairs(before, after, end - window)
    effects = _effects(pairs, widths)
    differing = differences(one.stack, one.parameters, two.parameters)
    return Comparison(
        labels,
        one.stack,
        seeds,
        window,
        effects,
        pairs,
        _dated((after - before).reset_index(), one.stack),
        transitions(one.regimes(window), two.regimes(window), seeds),
        pd.DataFrame(list(differing), columns=["name", "base", "other"], dtype=object),
        _interventions(one, two),
        tuple(_remarks(one, two, seeds, labels)),
        int(effects.p.notna().sum()),
    )


def known(measures: Iterable[str] | None) -> tuple[str, ...]:
    """The names of the measures, each once; raises InputError for one that cannot be compared."""
    if measures is None:
        return POLICY
    names = checked_names("measures", measures, "hhi")
    if not names:
        raise InputError("no measure is named: name one, or leave them out")
    for name in names:
        if name in MEASURES and name not in COMPARABLE:
            raise InputError(f"{name} is a slot, which has no mean: take leader_changed or cr1")
        if name not in COMPARABLE:
            raise InputError(f"no measure is called {name!r}: {meant(str(name), COMPARABLE)}")
    return names


def _shared(one: Ensemble, two: Ensemble) -> tuple[tuple[int, ...], int]:
    """The seeds and the first step that both have; raises InputError where pairs would compare unlike things."""
    first, second = one.runs[0], two.runs[0]
    if one.stack.names != two.stack.names or one.stack.demand_layers != two.stack.demand_layers:
        raise InputError(
            f"unlike stacks cannot be paired: the layers of {one.stack.name} are {', '.join(one.stack.names)},"
            f" those of {two.stack.name} {', '.join(two.stack.names)}"
        )
    if one.stack.start != two.stack.start:
        times = " and ".join(f"{each.stack.name} starts {each.stack.start or 'at no date'}" for each in (one, two))
        raise InputError(f"runs of different times cannot be paired: {times}")
    if first.last_step != second.last_step:
        raise InputError(
            f"runs of different length cannot be paired: one ends with step {first.last_step}, the other with step"
            f" {second.last_step}"
        )
    shared = {*two.seeds}
    seeds = tuple(seed for seed in one.seeds if seed in shared)
    if not seeds:
        raise InputError(f"no seed in common: one has {_span(one.seeds)}, the other {_span(two.seeds)}")
    return seeds, max(first.first_step, second.first_step)


def _table(ensemble: Ensemble, names: tuple[str, ...], seeds: tuple[int, ...], begin: int) -> pd.DataFrame:
    """A column per measure, indexed by layer (the whole stack is the last), seed and step."""
    import pandas as pd

    both = pd.concat([ensemble.measures, ensemble.overall.assign(layer=WHOLE)], ignore_index=True)
    both = both[both.seed.isin(seeds) & (both.step >= begin)]
    layers = pd.Categorical(both.layer, [*ensemble.stack.names, WHOLE], ordered=True)
    return both.assign(layer=layers).set_index(["layer", "seed", "step"])[list(names)].sort_index()


def _pairs(one: pd.DataFrame, two: pd.DataFrame, after: int) -> pd.DataFrame:
    """Layer, measure, seed, and the means of both over the steps after one; no rows where neither has any value."""
    means = [
        each[each.index.get_level_values("step") > after].groupby(level=["layer", "seed"], observed=True).mean()
        for each in (one, two)
    ]
    pairs = means[0].melt(var_name="measure", value_name="base", ignore_index=False).reset_index()
    pairs["other"] = means[1].melt(ignore_index=False)["value"].to_numpy()
    pairs = pairs.sort_values("layer", kind="stable")  # the measures of a layer stay in their order
    pairs["layer"] = pairs.layer.astype(object)
    there = (pairs.base.notna() | pairs.other.notna()).groupby([pairs.layer, pairs.measure]).transform("any")
    pairs = pairs[there].reset_index(drop=True)
    pairs.insert(1, "measure", pairs.pop("measure"))
    return pairs.assign(difference=pairs.other - pairs.base)


def _effects(pairs: pd.DataFrame, widths: Mapping[str, float]) -> pd.DataFrame:
    """A row per layer and measure, p values corrected over all of them."""
    import pandas as pd

    rows = []
    for (layer, measure), of_seeds in pairs.groupby(["layer", "measure"], sort=False):
        name = str(measure)
        unit = (OVERALL if layer == WHOLE else MEASURES)[name].unit
        found = paired_effect(of_seeds.base.to_numpy(), of_seeds.other.to_numpy(), widths.get(name))
        rows.append({"layer": layer, "measure": name, "unit": unit, **found})
    if not rows:
        raise InputError("nothing to compare: these measures have no value in the steps compared")
    effects = pd.DataFrame(rows)
    effects["p_holm"] = holm(effects.p.to_numpy())
    return effects


def _dated(paths: pd.DataFrame, stack: Stack) -> pd.DataFrame:
    """The differences of every step, layers by name, with dates if the stack has a start."""
    from ..history import dated

    return dated(paths.assign(layer=paths.layer.astype(object)), stack.start)


def _interventions(one: Ensemble, two: Ensemble) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What only the one and only the other has done to it, by name and date."""
    given = [side.runs[0].interventions for side in (one, two)]
    only = [[each for each in given[i] if each not in given[1 - i]] for i in (0, 1)]
    told = [tuple(f"{each.label} from {each.start}" for each in each_side) for each_side in only]
    return told[0], told[1]


def _remarks(one: Ensemble, two: Ensemble, seeds: tuple[int, ...], labels: tuple[str, str]) -> Iterable[str]:
    """What a reader has to know before believing the effects."""
    for side, label, missing in ((one, labels[0], labels[1]), (two, labels[1], labels[0])):
        if left := len(side.seeds) - len(seeds):
            yield f"Left out: {left} of the {len(side.seeds)} seeds of {label}, which {missing} does not have."
    if one.stack != two.stack:
        yield "The stacks differ as files do: in inputs, named firms or texts, not in parameters alone."
    if dict(one.runs[0].rules) != dict(two.runs[0].rules):
        yield "The two follow different rules of the user's own."
    if fingerprint(one.runs[0].contacts) != fingerprint(two.runs[0].contacts):
        yield "The two were given different contacts."
    for side in (one, two):
        first = side.runs[0]
        for label in never_in_force(first.interventions, side.stack, first.last_step + 1):
            yield f"{label} is never in force: the last step is {first.last_step}."
    n = len(seeds)
    if n == 1:
        yield "One seed: a difference, but no interval; 30 seeds for each side would give one."
    elif n < FEW:
        yield f"Intervals from {n} seeds are too narrow: the bootstrap knows no more values than it has seen."


def _span(seeds: tuple[int, ...]) -> str:
    return f"{min(seeds)} to {max(seeds)}" if len(seeds) > 1 else f"{seeds[0]}"
