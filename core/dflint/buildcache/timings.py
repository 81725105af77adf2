"""How long the steps of a build took, from what ``docker buildx build --progress=rawjson`` writes."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_PLACE = r"\[(?:[^\s\]]+/[^\s\]]+ +)?(?:(?P<stage>[^\s\]/]+) +)?(?P<number>\d+)/\d+\] "
"""``[build 2/5] RUN make``; in a build for several platforms with the platform before it, with one stage without it."""


class TimingsError(Exception):
    """The file holds no timings; the text says why."""


def read_timings(lines: Iterable[str]) -> dict[tuple[str, int], float]:
    """Seconds that steps ran for, by place (as ``Step.place``); steps from the cache are not in it.

    Of several builds in one file a step's longest time counts. Other lines (a failing build mixes text in) are left
    out. Raises TimingsError.
    """
    found: dict[tuple[str, int], float] = {}
    is_progress = False
    for line in lines:
        if not line.startswith("{"):
            continue
        try:
            data = json.loads(line)
        except ValueError:
            continue
        vertexes = data.get("vertexes") if isinstance(data, dict) else None
        for vertex in vertexes if isinstance(vertexes, list) else ():
            is_progress = True
            if isinstance(vertex, dict):
                _take(vertex, found)
    if not is_progress:
        raise TimingsError("it holds no progress of a build: write it with docker buildx build --progress=rawjson")
    return found


def _take(vertex: Mapping[str, Any], found: dict[tuple[str, int], float]) -> None:
    named = re.match(_PLACE, str(vertex.get("name", "")))
    started, completed = _seconds(vertex.get("started")), _seconds(vertex.get("completed"))
    if named is None or started is None or completed is None or vertex.get("cached"):
        return
    place = ((named["stage"] or "").lower(), int(named["number"]))
    found[place] = max(found.get(place, 0.0), completed - started)


def _seconds(text: object) -> float | None:
    """A time as Go writes it, in seconds since some day; None for anything else."""
    if not isinstance(text, str):
        return None
    match = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[-+]\d\d:\d\d)", text)
    if match is None:
        return None
    from datetime import datetime

    try:
        whole = datetime.fromisoformat(match[1] + match[3].replace("Z", "+00:00"))
    except ValueError:
        return None
    return whole.timestamp() + float(match[2] or 0)
