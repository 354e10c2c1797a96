"""Claims about faulty named firms in stack files, each answered in one line like any other mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from .test_stack_mistakes import HEAD, SMALL, layer, refusal

NVIDIA = '[firms.NVIDIA]\nhome = "chips"\n'
UNIT = '[[firms.NVIDIA.units]]\nlayer = "chips"\nshare = 0.8\nsource = "a report"\n'
USER = '[firms.User]\nhome = "cloud"\n'
CLOUDY = HEAD + layer("chips") + layer("cloud", "chips") + layer("buyers", "cloud")
LINK = '[[firms.User.links]]\nlayer = "{}"\ninput = "{}"\nby = "{}"\nsource = "a filing"\n'
ALLY = '[[firms.User.allies]]\nwith = "{}"\nsource = "a filing"\n'
EXCLUSIVE = ALLY + "exclusive = true\n"
FIRMS = {
    "homeless": (
        '[firms.NVIDIA]\nhome = "chip"\n',
        "firms.NVIDIA.home: no selling layer is called 'chip': did you mean",
    ),
    "a buyer": (
        '[firms.NVIDIA]\nhome = "buyers"\n',
        "firms.NVIDIA.home: no selling layer is called 'buyers': choose from chips, cloud",
    ),
    "unit nowhere": (
        NVIDIA + UNIT.replace('"chips"', '"clouds"'),
        "firms.NVIDIA.units: no selling layer is called 'clouds': did you mean 'cloud'?",
    ),
    "unit twice": (
        NVIDIA + UNIT + UNIT,
        "firms.NVIDIA.units: 'chips' is listed 2 times: a firm has one unit per layer",
    ),
    "no source": (NVIDIA + UNIT.replace('source = "a report"\n', ""), "firms.NVIDIA.units[0].source is missing"),
    "share above one": (
        NVIDIA + UNIT.replace("0.8", "1.1"),
        "firms.NVIDIA.units[0].share must be a number, 0 to 1, not 1.1",
    ),
    "shares above one": (
        NVIDIA + UNIT + (NVIDIA + UNIT).replace("NVIDIA", "AMD"),
        "firms: the shares of 'chips' add up to 1.6: lower those of NVIDIA, AMD to 1 or less in all",
    ),
    "link of another layer": (
        NVIDIA + USER + LINK.format("chips", "chips", "NVIDIA"),
        "firms.User.links: it has no unit in 'chips': choose from cloud",
    ),
    "link to no input": (
        NVIDIA + USER + LINK.format("cloud", "buyers", "NVIDIA"),
        "firms.User.links: 'cloud' does not buy 'buyers': choose from chips",
    ),
    "link to no one": (
        NVIDIA + USER + LINK.format("cloud", "chips", "NVIDA"),
        "firms.User.links: no named firm is called 'NVIDA': did you mean 'NVIDIA'?",
    ),
    "link to who does not sell it": (
        NVIDIA + USER + LINK.format("cloud", "chips", "User"),
        "firms.User.links: 'User' has no unit in 'chips': choose from NVIDIA",
    ),
    "two links for one source": (
        NVIDIA + USER + 2 * LINK.format("cloud", "chips", "NVIDIA"),
        "firms.User.links: 2 suppliers of 'chips' for 'cloud', which has 1: raise sources in layers.cloud.inputs",
    ),
    "ally of no one": (
        NVIDIA + USER + ALLY.format("NVIDA"),
        "firms.User.allies: no named firm is called 'NVIDA': did you mean 'NVIDIA'?",
    ),
    "ally of itself": (
        NVIDIA + USER + ALLY.format("User"),
        "firms.User.allies: a firm cannot be its own ally: remove 'User' from them",
    ),
    "ally twice": (
        NVIDIA + USER + 2 * ALLY.format("NVIDIA"),
        "firms.User.allies: 'NVIDIA' is listed before, here: list an alliance once, with the side that buys",
    ),
    "ally on both sides": (
        NVIDIA + ALLY.format("User").replace("firms.User", "firms.NVIDIA") + USER + ALLY.format("NVIDIA"),
        "firms.User.allies: 'NVIDIA' is listed before, in firms.NVIDIA: list an alliance once, with the side that buys",
    ),
    "ally that is a buyer": (
        USER.replace("User", "Bank").replace("cloud", "buyers") + USER + ALLY.format("Bank"),
        "firms.Bank.home: no selling layer is called 'buyers'",
    ),
    "ally without source": (
        NVIDIA + USER + ALLY.format("NVIDIA").replace('source = "a filing"\n', ""),
        "firms.User.allies[0].source is missing",
    ),
    "ally misspelt": (
        NVIDIA + USER + ALLY.format("NVIDIA").replace("with", "whit"),
        "firms.User.allies[0].whit is unknown: did you mean 'with'?",
    ),
    "half exclusive": (
        NVIDIA + USER + EXCLUSIVE.format("NVIDIA").replace("true", "1"),
        "firms.User.allies[0].exclusive must be true | false, not 1",
    ),
    "exclusive for nothing": (
        NVIDIA + EXCLUSIVE.format("User").replace("firms.User", "firms.NVIDIA") + USER,
        "firms.NVIDIA.allies: exclusive with 'User', which sells nothing that NVIDIA buys: leave exclusive out",
    ),
    "exclusive with two": (
        NVIDIA + NVIDIA.replace("NVIDIA", "AMD") + USER + EXCLUSIVE.format("NVIDIA") + EXCLUSIVE.format("AMD"),
        "firms.User.allies: exclusive with 'AMD', but 'chips' for 'cloud' comes from 'NVIDIA' too: drop one of them",
    ),
    "exclusive beside a link": (
        NVIDIA
        + NVIDIA.replace("NVIDIA", "AMD")
        + USER
        + LINK.format("cloud", "chips", "AMD")
        + EXCLUSIVE.format("NVIDIA"),
        "firms.User.allies: exclusive with 'NVIDIA', but 'chips' for 'cloud' comes from 'AMD' too: drop one of them",
    ),
}


@pytest.mark.parametrize(("text", "answer"), FIRMS.values(), ids=FIRMS)
def test_a_faulty_named_firm_is_answered_in_one_line(tmp_path: Path, text: str, answer: str) -> None:
    assert refusal(tmp_path, CLOUDY + text).startswith(answer)


def test_a_layer_cannot_be_home_to_more_named_firms_than_it_has(tmp_path: Path) -> None:
    crowd = "".join(f'[firms.firm{number}]\nhome = "chips"\n' for number in range(9))
    answer = "chips.firms must be 9 or more, not 8: so many named firms are at home there"
    assert refusal(tmp_path, SMALL + crowd) == answer
