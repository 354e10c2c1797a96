"""How particles move from one generation to the next: by a wide normal kernel, now and then to anywhere in the prior.

Weights are the prior's density over that of a move, so that a particle where hardly any move goes would come to weigh
as much as all others. Two things forbid it: the kernel is wide, and a tenth of the moves are draws from the prior, so
that no weight is above ten times that of a draw from the prior (a defensive mixture: Hesterberg, Weighted Average
Importance Sampling and Defensive Mixture Distributions, 1995).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyabc import MultivariateNormalTransition, Parameter

WIDTH = math.sqrt(2)
"""Twice the particles' covariance (Beaumont et al., Adaptive Approximate Bayesian Computation, 2009)."""
FROM_PRIOR = 0.1
MOVES = 500
"""Tried at once: of many parameters hardly a move leaves all of them within the prior."""


class Moves(MultivariateNormalTransition):  # type: ignore[misc]
    """The mixture, over a prior that is uniform between its `ends` (name -> low, high)."""

    def __init__(self, ends: Mapping[str, tuple[float, float]]) -> None:
        super().__init__(bandwidth_selector=lambda *_: WIDTH)
        self.ends = ends

    def fit(self, X: Any, w: Any) -> None:  # noqa: N803 (pyABC's name)
        """Take up the particles of a generation."""
        super().fit(X, w)
        self.low, self.high = np.array([self.ends[name] for name in X.columns]).T
        self.share_within = float(np.mean([len(self._moved()) for _ in range(20)])) / MOVES or 1.0 / MOVES

    def rvs_single(self) -> Parameter:
        """One move."""
        if np.random.random() < FROM_PRIOR:  # noqa: NPY002 (pyABC draws from this one)
            return Parameter(dict(zip(self.X.columns, np.random.uniform(self.low, self.high), strict=True)))  # noqa: NPY002
        while not len(found := self._moved()):
            pass
        return Parameter(found.iloc[0])

    def pdf(self, x: Any) -> float | NDArray[np.float64]:
        """Density of moves to x, all within the prior."""
        flat = 1.0 / float(np.prod(self.high - self.low))
        near: float | NDArray[np.float64] = super().pdf(x)
        return FROM_PRIOR * flat + (1.0 - FROM_PRIOR) * near / self.share_within

    def _moved(self) -> Any:
        """Those of so many moves by the kernel that stay within the prior."""
        moved = self.rvs(MOVES)
        return moved[((moved >= self.low) & (moved <= self.high)).all(axis=1)]
