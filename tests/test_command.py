"""The command line does what its help says, and quickly."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

import stackrace
from stackrace.experiments.command import screen
from stackrace.experiments.command.main import main
from stackrace.experiments.histories.portraits import PORTRAITS
from stackrace.experiments.plots.figures import FIGURES
from stackrace.model.parameters import PARAMETERS

REPOSITORY = Path(__file__).parent.parent
SHORT = ["run", "ai-stack", "--steps", "3"]


def output(capsys, *arguments):
    assert main(arguments) == 0
    captured = capsys.readouterr()
    assert captured.err == "" or captured.err.startswith("Compiling the market")
    return captured.out


def in_a_process(*arguments, **others):
    command = [sys.executable, "-m", "stackrace", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=REPOSITORY, check=False, **others)


@pytest.fixture
def narrow(monkeypatch):
    monkeypatch.setattr(screen, "out", Console(width=80, highlight=False, markup=False))


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from stackrace.experiments.command.main import main; main(['run', '--help']);"
        "print({'numpy', 'numba', 'pandas', 'matplotlib', 'networkx', 'pyarrow'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=REPOSITORY, check=False)
    assert done.stdout.splitlines()[-1] == "set()"


@pytest.mark.parametrize(
    "command", ["stacks", "show", "params", "check", "new", "schema", "run", "demo", "claims", "attribute"]
)
def test_help_of_every_command_has_an_example(capsys, command):
    text = output(capsys, command, "--help")
    assert re.search(rf"Examples?:\s+stackrace {command}", text)


def test_every_example_in_the_help_of_run_is_one(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    examples = re.findall(r"stackrace (run ai-stack.*)", output(capsys, "run", "--help"))
    assert len(examples) >= 3
    for example in examples:
        words = [word for word in shlex.split(example) if word not in ("--out", "out/base", "--seeds", "30")]
        output(capsys, *words, "--steps", "1")


def test_without_a_command_there_is_help(capsys):
    assert main([]) == 2
    assert "Usage: stackrace" in capsys.readouterr().out


def test_version(capsys):
    assert output(capsys, "--version") == f"stackrace {stackrace.__version__}\n"


def test_stacks_lists_all(capsys):
    text = output(capsys, "stacks")
    assert all(name in text for name in stackrace.stacks())


def test_show_names_layers_inputs_and_what_differs(capsys):
    text = output(capsys, "show", "ai-stack")
    assert "hosting (1, 0.4)" in text
    assert "flywheel\u00a00.03" in text


def test_params_lists_all_and_fits_a_narrow_terminal(capsys, narrow):
    text = output(capsys, "params")
    assert all(name in text for name in PARAMETERS)
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize("name", ["switching_cost", "model.switching_cost", "*.switching_cost"])
def test_params_tells_meaning_unit_range_default_and_source(capsys, name):
    text = output(capsys, "params", name)
    for word in ("leaving a supplier", "appeal", "0 to 50", "0.4", "Klemperer", '--set "*.switching_cost=0.4"'):
        assert word in text


def test_params_of_a_group_tells_all_its_members(capsys):
    text = output(capsys, "params", "contacts")
    assert all(name in text for name in ("contacts.kind", "contacts.degree", "contacts.rewiring"))


@pytest.mark.parametrize("name", PARAMETERS)
def test_every_parameter_can_be_explained(capsys, name):
    assert PARAMETERS[name].meaning.split()[0] in output(capsys, "params", name)


def test_the_table_fits_a_narrow_terminal_unabridged(capsys, narrow):
    text = output(capsys, *SHORT, "--seeds", "3")
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= 80
    assert "95 % interval" in text


def test_json_is_all_that_is_on_stdout_and_says_what_python_says(capsys):
    told = json.loads(output(capsys, *SHORT, "--seeds", "2", "--seed", "7", "--set", "*.taste=.1", "--json"))
    ensemble = stackrace.repeat("ai-stack", seeds=[7, 8], steps=3, set={"*.taste": 0.1})
    assert (told["seeds"], told["set"]) == ([7, 8], {"*.taste": 0.1})
    assert [layer["layer"] for layer in told["layers"]] == list(ensemble.stack.selling_layers)
    frequencies = ensemble.frequencies()
    for layer in told["layers"]:
        expected = frequencies[frequencies.layer == layer["layer"]]
        assert [each["regime"] for each in layer["frequencies"]] == expected.regime.tolist()
        mean = ensemble.regimes().groupby("layer").hhi.mean()[layer["layer"]]
        assert layer["means"]["hhi"] == pytest.approx(mean, rel=1e-12)


def test_out_holds_run_figures_and_report(capsys, tmp_path):
    folder = tmp_path / "deep" / "run"
    text = output(capsys, *SHORT, "--seeds", "2", "--out", str(folder))
    assert f"Report: {folder}/report.html" in text
    files = {"run.json", "measures.parquet", "overall.parquet", "ledger.parquet", "report.html"}
    files |= {f"{name}.svg" for name in (*FIGURES, *PORTRAITS)}
    assert {file.name for file in folder.iterdir()} == files
    assert stackrace.load(folder).seeds == (1, 2)
    output(capsys, *SHORT, "--out", str(folder), "--force")
    assert stackrace.load(folder).seed == 1, "an earlier run makes way"


def test_demo_writes_its_report(capsys, tmp_path):
    out = str(tmp_path / "demo")
    output(capsys, "demo", "--stack", "ai-stack", "--seeds", "2", "--steps", "2", "--out", out)
    assert "compare ai-stack --seed 1 --seeds 2 --steps 2 --intervene interoperability" in (
        tmp_path / "demo" / "report.html"
    ).read_text("utf-8")


def test_the_first_run_says_that_it_compiles(capsys, monkeypatch):
    monkeypatch.setattr("stackrace.agents.rule.is_compiled_before", lambda: False)
    assert main(SHORT) == 0
    assert "Compiling the market: about half a minute, once" in capsys.readouterr().err


def test_a_terminal_without_some_signs_gets_the_table_all_the_same():
    done = in_a_process(*SHORT, "--seeds", "2", env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert "compute" in done.stdout


SAYS_WHEN_IT_RUNS = """
import sys
from stackrace.experiments import interrupt
from stackrace.experiments.command.main import main
def heeding(advance, made=interrupt.heeding):
    checked = made(advance)
    def told(steps):
        if not told.once:
            print("it runs", flush=True)
        told.once = True
        checked(steps)
    told.once = False
    return told
interrupt.heeding = heeding
sys.exit(main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are a matter of POSIX")
def test_ctrl_c_ends_with_one_line_and_nothing_half_written(tmp_path):
    main(SHORT)  # compiled from here on
    asked = ["run", "ai-stack", "--seeds", "100000", "--out", tmp_path / "run"]
    command = [sys.executable, "-c", SAYS_WHEN_IT_RUNS, *asked]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=REPOSITORY)
    assert running.stdout.readline() == "it runs\n"
    running.send_signal(signal.SIGINT)
    try:
        out, err = running.communicate(timeout=60)
    finally:
        running.kill()
    assert (running.returncode, out, err) == (130, "", "stackrace: interrupted: nothing was saved\n")
    assert not any(tmp_path.iterdir())
