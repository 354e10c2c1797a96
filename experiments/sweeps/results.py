"""What came out of a sweep: tables, frequencies of regimes, phase diagrams, comparisons, all read when asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...model.checks import meant
from ...model.errors import InputError, checked_names
from ..ensemble import wilson
from ..regimes import REGIMES
from .one_run import NAMES, OF_STACK
from .places import StoreError
from .store import DESIGN, Store
from .tables import PLACE, column_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from ..analysis.discovery import Boxes
    from ..analysis.sensitivity import Sensitivity


MEASURED = tuple(dict.fromkeys((*NAMES, *OF_STACK)))


class Results:
    """What came out of a sweep, read from its store when it is asked for; `stackrace.open` returns one.

    `design` says which runs there should be, `done` which there are; `about` is what the store says of itself.
    Raises StoreError when there is no sweep in the store.
    """

    def __init__(self, store: Store) -> None:
        told = store.about()
        if told is None:
            raise StoreError(f"{store.address}: holds no sweep: there is no sweep.json in it")
        self.store, self.about = store, told

    def __repr__(self) -> str:
        return f"Results({self.store.address!r}): {len(self.done):,} of {len(self.design):,} runs"

    @cached_property
    def design(self) -> pd.DataFrame:
        """A row per run in the order of the design: run, number, point, policy, seed, and the parameters that vary."""
        try:
            return self.store.read_part(DESIGN).to_pandas()
        except StoreError as error:
            raise StoreError(f"{error}: the same sweep again writes it anew") from None

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters that vary."""
        return tuple(name for name in self.design.columns if name not in PLACE)

    @cached_property
    def done(self) -> pd.DataFrame:
        """Run and digest of every stored run of the design, failed ones left out, in the order of the design."""
        import pandas as pd

        tables = [part.to_pandas().drop_duplicates("run") for part in self.store.read("runs", ["run", "digest"])]
        found = pd.concat(tables) if tables else pd.DataFrame({"run": [], "digest": []}, dtype=object)
        return self.design[["run", "number"]].merge(found.drop_duplicates("run"), on="run")

    def frame(self, columns: Iterable[str] | None = None, layer: str | None = None) -> pd.DataFrame:
        """A row per run and layer ("whole stack" is one), in the order of the design: place, parameters, measures.

        Measures are means over the window of the sweep. `columns` names some of them, all if left out; `layer` keeps
        one layer.
        """
        import pandas as pd

        names = () if columns is None else checked_names("columns", columns, "hhi")
        for name in names:
            if name not in MEASURED:
                raise InputError(f"no measure is called {name!r}: {meant(name, MEASURED)}")
        asked = None if columns is None else ["run", "layer", "regime", *names]
        tables = []
        for part in self.store.parts("runs"):
            table = self.store.read_part(part, asked).to_pandas()
            tables.append(table if layer is None else table[table.layer == layer])
        if not tables:
            every = ["layer", "regime", *(MEASURED if columns is None else names)]
            return self.design.head(0).assign(**{name: pd.Series(dtype=object) for name in every})
        found = pd.concat(tables, ignore_index=True)
        found = found.drop(columns=[name for name in self.design.columns if name != "run" and name in found])
        return self.design.merge(found.drop_duplicates(["run", "layer"]), on="run", how="inner")

    def failures(self) -> pd.DataFrame:
        """A row per run of the design that failed: its row there, the error, and all that was set."""
        import pandas as pd

        tables = [part.to_pandas()[["run", "error", "set"]] for part in self.store.read("failures")]
        found = pd.concat(tables) if tables else pd.DataFrame({"run": [], "error": [], "set": []}, dtype=object)
        left = found[~found.run.isin(self.done.run)].drop_duplicates("run", keep="last")
        return self.design.merge(left, on="run")

    def series(self, run: str | None = None) -> pd.DataFrame:
        """Every step of every run, or of one; empty unless the sweep asked for series."""
        import pandas as pd

        tables = []
        for part in self.store.read("series"):
            table = part.to_pandas()
            tables.append(table[table.run.isin(self.done.run) if run is None else table.run == run])
        if not tables:
            return pd.DataFrame()
        return pd.concat(tables, ignore_index=True).drop_duplicates(["run", "step", "layer"], ignore_index=True)

    def digest(self) -> str:
        """SHA-256 over identity and numbers of all stored runs in the order of the design.

        It does not depend on who ran what when, nor on interruptions.
        """
        found = hashlib.sha256()
        for row in self.done.sort_values("number").itertuples():
            found.update(f"{row.run} {row.digest}\n".encode())
        return found.hexdigest()

    def frequencies(self, by: Sequence[str] = ()) -> pd.DataFrame:
        """How often each layer ends in which regime, at each combination of `by` (parameters, "policy", "point").

        What `by` leaves out is counted together, policies too.

        Columns: those of `by`, layer, regime, count, runs, share, and low and high of share at 95 % (Wilson).
        """
        import pandas as pd

        names = [self._column(name) for name in checked_names("by", by, "policy")]
        self._known(names, (*self.parameters, "policy", "point"))
        table = self.frame([])
        table = table[table.regime.notna()]
        rows = []
        for place, found in table.groupby([*names, "layer"], sort=False, dropna=False):
            counts = found.regime.value_counts()
            for regime in REGIMES:
                if count := int(counts.get(regime, 0)):
                    share = count / len(found)
                    rows.append((*place, regime, count, len(found), share, *wilson(count, len(found))))
        columns = [*names, "layer", "regime", "count", "runs", "share", "low", "high"]
        return pd.DataFrame(rows, columns=columns)

    def phase_diagram(self, x: str, y: str, layer: str, policy: str | None = None) -> Figure:
        """In which regime a layer ends most often, over any two parameters, paler where that is less sure.

        Raises InputError for a parameter that does not vary.
        """
        from ..plots.phase_diagram import phase_diagram

        x, y = self._column(x), self._column(y)
        self._known([x, y], self.parameters)
        return phase_diagram(self, x, y, layer, policy)

    def compare(self, point: int, other: int, *, policies: tuple[str, str] | None = None) -> pd.DataFrame:
        """What changes between two points of the design (or, at one, two policies), paired by seed.

        A row per layer and measure, as `Comparison.effects` has them, p values corrected over all (Holm).
        """
        import pandas as pd

        from ..comparisons.compare import POLICY
        from ..comparisons.paired import holm, paired_effect

        if isinstance(policies, str) or len(policies or (1, 2)) != 2:
            raise InputError(f"policies is {policies!r}: give two, that of the first point and that of the other")
        first = self.about["policies"]
        one, two = policies or (next(iter(first)),) * 2
        self._known([one, two], tuple(first))
        table = self.frame()
        sides = [
            table[(table.point == at) & (table.policy == named)].set_index(["layer", "seed"])
            for at, named in ((point, one), (other, two))
        ]
        if any(side.empty for side in sides):
            raise InputError(f"no stored runs of point {point} under {one}, or of point {other} under {two}")
        rows = []
        for layer in dict.fromkeys(sides[0].index.get_level_values("layer")):
            before, after = (side.loc[layer] for side in sides)
            shared = before.index.intersection(after.index)
            for name in POLICY:
                values = [each.loc[shared, name].to_numpy(dtype=float) for each in (before, after) if name in each]
                if len(values) == 2 and any((value == value).any() for value in values):
                    rows.append({"layer": layer, "measure": name, **paired_effect(*values)})
        if not rows:
            raise InputError(f"points {point} and {other} have no seed in common that is stored for both")
        effects = pd.DataFrame(rows)
        effects["p_holm"] = holm(effects.p.to_numpy())
        return effects

    def sensitivity(
        self, layer: str, *, measure: str | None = None, regime: str | None = None, policy: str | None = None
    ) -> Sensitivity:
        """How much each parameter matters to a measure or to how often a regime comes about, see `Sensitivity`.

        The design decides on the method: Morris screening or Sobol indices. Raises InputError.
        """
        from ..analysis.sensitivity import sensitivity

        return sensitivity(self, layer, measure=measure, regime=regime, policy=policy)

    def discover(
        self, regime: str, layer: str, *, policy: str | None = None, density: float | None = None, boxes: int = 3
    ) -> Boxes:
        """Which regions of the parameters give a regime, see `discovery.discover` and `Boxes`; raises InputError."""
        from ..analysis.discovery import discover

        return discover(self, regime, layer, policy=policy, density=density, boxes=boxes)

    def to_csv(self, file: str | Path, **asked: Any) -> Path:
        """Write `frame(...)`, asked for with its arguments, as CSV; returns the file."""
        self.frame(**asked).to_csv(file, index=False)
        return Path(file)

    def _column(self, name: str) -> str:
        """The column of a parameter: a name that a measure has too is told apart."""
        return column_of(name) if column_of(name) in self.parameters else name

    def _known(self, names: Sequence[str], known: Sequence[str]) -> None:
        for name in names:
            if name not in known:
                raise InputError(f"{name!r} does not vary in this sweep: {meant(name, known)}")


def open(address: str | Path) -> Results:
    """Open the store of a sweep to read it; raises StoreError."""
    return Results(Store(address))
