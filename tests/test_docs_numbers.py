"""What pages of documentation say in numbers stands in tables beside them, written by the commands that they name."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from rich.console import Console

from stackrace.experiments.analysis.discovery import Boxes
from stackrace.experiments.analysis.sensitivity import Sensitivity
from stackrace.experiments.command import screen, screen_analysis

DOCS = Path(__file__).resolve().parent.parent / "docs"
SENSITIVITY, ATTRIBUTION = ((DOCS / name).read_text("utf-8") for name in ("sensitivity.md", "attribution.md"))


def read(name: str) -> pd.DataFrame:
    return pd.read_csv(DOCS / name)


def shown(show: Callable[[Any, Any], None], found: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """What the command line shows of a finding, its first line and its legend left out."""
    told = io.StringIO()
    monkeypatch.setattr(screen, "out", Console(file=told, width=80, highlight=False, markup=False))
    show(found, [])
    lines = [line.rstrip() for line in told.getvalue().splitlines()[1:]]
    return "\n".join(lines[: max(n for n, line in enumerate(lines) if line.startswith(" ")) + 1])


@pytest.mark.parametrize("method", ["morris", "sobol"])
def test_indices_are_those_of_the_table_beside_the_page(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = Sensitivity("", method, 0, 0, read(f"sensitivity/hhi-model-{method}.csv"))
    assert shown(screen_analysis.show_sensitivity, found, monkeypatch) in SENSITIVITY, "make sensitivity"


def test_what_is_said_to_lie_above_chance_does() -> None:
    table = read("sensitivity/hhi-model-sobol.csv").set_index("parameter")
    least = table.ST - table.ST_conf
    clear = least > 1.5 * table.chance
    assert "Growth of demand and tastes decide most: their total indices lie far above `chance`" in SENSITIVITY
    assert {*table.index[clear]} == {"demand_growth", "*.taste"}
    near = table.loc["*.escalation"]
    assert f"Of escalation the interval begins at {near.ST - near.ST_conf:.2f}, `chance` is {near.chance:.2f}" in (
        SENSITIVITY.replace("\n", " ")
    )
    assert (least < table.chance).drop(["demand_growth", "*.taste", "*.escalation"]).all()


def test_boxes_are_those_of_the_tables_beside_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    table, limits = (read(f"sensitivity/commoditised-application-{name}.csv") for name in ("boxes", "limits"))
    limits["value"] = pd.to_numeric(limits.value)
    found = Boxes("", 0.0, table, limits, table, table)
    assert shown(screen_analysis.show_boxes, found, monkeypatch).strip() in SENSITIVITY, "make sensitivity"
    box, text = table.iloc[0], SENSITIVITY.replace("\n", " ")
    assert f"so end {box.density:.0%} of".replace("%", " %") in text
    assert f"still {box.density_new:.0%} of".replace("%", " %") in text


def test_shares_of_decisions_are_those_of_the_table_beside_the_page() -> None:
    text, shares = (
        ATTRIBUTION.replace("\n", " "),
        read("attribution/shares.csv").set_index(["measure", "layer", "rule"]),
    )

    def interval(measure: str, layer: str, rule: str, digits: str, sign: int = 1) -> str:
        row = shares.loc[measure, layer, rule]
        low, high = sorted((sign * row.low, sign * row.high))
        value, low, high = (f"{each:{digits}}".replace("-", "−") for each in (sign * row.effect, low, high))
        return f"{value} ({low} to {high})"

    whole = shares.loc["hhi", "compute", "all"]
    building = shares.loc["hhi", "compute", "build"]
    assert f"is {whole.without:,.0f} where firms may decide nothing and {whole.with_all:,.0f} where" in text
    assert f"building is {building.part:.0%} of that, ".replace("%", " %") in text
    assert f"{interval('hhi', 'compute', 'build', ',.0f')}" in text
    margin = shares.loc["lerner", "compute", "all"]
    assert f"rises from {margin.without:.2f} to {margin.with_all:.2f}" in text
    assert f"switching adds {interval('lerner', 'compute', 'switch', '.2f')}" in text
    assert f"building takes {interval('lerner', 'compute', 'build', '.2f', -1)} off" in text
    assert f"{interval('hhi', 'embedded', 'merge', ',.0f')} in the HHI of embedded" in text


def test_what_is_said_of_decisions_in_words_is_so() -> None:
    shares = read("attribution/shares.csv").set_index("rule")
    hhi, text = shares[shares.measure == "hhi"], ATTRIBUTION.replace("\n", " ")
    assert "Firms that may decide concentrate less, not more" in text
    assert (hhi.loc["all"].with_all < hhi.loc["all"].without).all()
    assert "everywhere else switching is most of it" in text
    assert ((hhi.loc["switch"].part > 0.5) == (hhi.loc["switch"].layer != "compute")).all()
    assert "No share of alliances can be told from chance; of takeovers one can" in ATTRIBUTION
    assert not (shares.loc["ally"].p_holm < 0.05).any()
    assert (shares.loc["merge"].p_holm < 0.05).sum() == 1
