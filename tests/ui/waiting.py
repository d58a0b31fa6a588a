"""Until a screen is as expected, however long that takes on a busy machine."""

import time
from collections.abc import Callable
from contextlib import suppress

from textual.css.query import NoMatches
from textual.pilot import Pilot

PATIENCE = 120.0  # seconds; each wait takes moments


async def until(pilot: Pilot[None], ready: Callable[[], object]) -> None:
    """What is asked for may not be on the screen yet."""
    end = time.monotonic() + PATIENCE
    while True:
        with suppress(NoMatches):
            if ready():
                return
        assert time.monotonic() < end, f"never came true on {type(pilot.app.screen).__name__}"
        await pilot.pause(0.02)
