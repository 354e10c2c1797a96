"""The stack in the documentation is one that runs."""

import re
from pathlib import Path

import stackrace

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "stacks.md").read_text("utf-8")


def test_the_stack_explained_in_the_documentation_runs(tmp_path: Path) -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", PAGE, flags=re.DOTALL)
    file = tmp_path / "bakery.toml"
    file.write_text(text, "utf-8")
    run = stackrace.simulate(file, seed=1, steps=40)
    assert set(run.regimes().layer) == {"mill", "bakery"}
    first = run.measures[(run.measures.step == 0) & (run.measures.layer == "mill")]
    assert abs(first.cr1.item() - 0.4) < 0.05
