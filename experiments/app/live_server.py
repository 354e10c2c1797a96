"""Solara's server, set up for the page Live."""

from __future__ import annotations

import os
from typing import Any

CULLED_AFTER = "10s"
"""How long a visitor whose connection broke may take to come back; a tab that is closed ends at once."""
PAGE = "stackrace.experiments.app.live"


def solara_server() -> Any:
    """The module with Solara's routes; it serves no other page and sends nothing anywhere."""
    os.environ["SOLARA_APP"] = PAGE
    os.environ["SOLARA_TELEMETRY_MIXPANEL_ENABLE"] = "False"
    import solara.server.settings as settings

    settings.kernel.cull_timeout = CULLED_AFTER
    settings.theme.show_banner = False
    settings.theme.title = "stackrace: a live market"
    import solara.server.starlette as served

    return served
