import json

import pytest

from dflint.buildcache.timings import TimingsError, read_timings


def line(name, seconds, **more):
    started, completed = "2026-01-01T00:00:59.5Z", f"2026-01-01T00:01:{seconds - 0.5:012.9f}Z"
    vertex = {"digest": "sha256:1", "name": name, "started": started, "completed": completed, **more}
    return json.dumps({"vertexes": [vertex]})


def test_seconds_by_place():
    found = read_timings(
        [
            line("[internal] load build context", 5),
            line("[2/4] RUN a", 2),
            line("[build  3/10] RUN b", 3.25),
            line("[linux/arm64 Build 4/10] RUN c", 1),
            line("[linux/amd64 2/3] RUN d", 7),
            line("[build 5/10] RUN e", 9, cached=True),
            line("[build 6/10] RUN f", 9, completed=None),
            line("[build 7/10] RUN g", 9, started="yesterday"),
            line("[build 3/10] RUN b", 2),
            "#12 an error as text",
            "{not json",
            '{"vertexes": [null, 3]}',
            '{"logs": []}',
            "[1]",
        ]
    )
    assert found == {("", 2): 7, ("build", 3): 3.25, ("build", 4): 1}


@pytest.mark.parametrize("text", ["", "#1 [1/2] FROM a\n", "[]", '{"a": 1}', '{"vertexes": 3}'])
def test_no_timings(text):
    with pytest.raises(TimingsError, match="rawjson"):
        read_timings(text.splitlines())
