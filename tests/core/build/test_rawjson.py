import base64
import json

from dflint.build.rawjson import Progress


def line(**document):
    return json.dumps(document)


def vertex(name, digest="d", started="2026-01-01T00:00:00.000000000Z", completed=None, **more):
    found = {"digest": digest, "name": name, **more}
    if started:
        found["started"] = started
    if completed:
        found["completed"] = completed
    return found


def log(text, digest="d", stream=1):
    return {"vertex": digest, "stream": stream, "data": base64.b64encode(text.encode()).decode()}


def progress(*lines, redact=lambda text: text):
    made = Progress(redact)
    for text in lines:
        made.feed(text)
    made.finish()
    return made


def test_steps_have_seconds_and_flags():
    made = progress(
        line(vertexes=[vertex("[1/3] FROM busybox", "a", completed="2026-01-01T00:00:01Z", cached=True)]),
        line(vertexes=[vertex("[2/3] RUN make", "b")]),
        line(vertexes=[vertex("[2/3] RUN make", "b", completed="2026-01-01T00:00:02.500000001Z")]),
        line(vertexes=[vertex("[3/3] RUN later", "c", started=None)]),
        line(vertexes=[vertex("exporting to image", "e", completed="2026-01-01T00:00:00.25Z")]),
    )
    found = {step.name: step for step in made.steps}
    assert found["[2/3] RUN make"].seconds == 2.5
    assert found["[1/3] FROM busybox"].cached
    assert found["[1/3] FROM busybox"].kind == "load"
    assert found["[2/3] RUN make"].kind == "run"
    assert not found["[3/3] RUN later"].started
    assert found["exporting to image"].kind == "export"


def test_a_step_that_runs_twice_counts_both_times():
    made = progress(
        line(vertexes=[vertex("[2/2] RUN a", completed="2026-01-01T00:00:01Z")]),
        line(vertexes=[vertex("[2/2] RUN a", started="2026-01-01T00:01:00Z", completed="2026-01-01T00:01:02Z")]),
    )
    assert made.steps[0].seconds == 3


def test_log_lines_are_put_together_from_pieces():
    made = progress(
        line(vertexes=[vertex("[2/2] RUN a")]),
        line(logs=[log("hal"), log("other\n", stream=2), log("lo\nworld")]),
    )
    assert list(made.log) == ["[2/2] RUN a", "other", "hallo", "world"]


def test_a_secret_across_two_pieces_is_redacted():
    made = progress(line(logs=[log("x hun"), log("ter2 y\n")]), redact=lambda text: text.replace("hunter2", "***"))
    assert list(made.log) == ["x *** y"]


def test_escape_sequences_are_dropped():
    assert list(progress(line(logs=[log("\x1b[31mred\x1b[0m\r\n")])).log) == ["red"]


def test_plain_lines_between_documents():
    made = progress(
        line(vertexes=[vertex("[2/2] RUN false", error="process did not complete: exit code: 1")]),
        "Dockerfile:7",
        "--------------------",
        "   7 | >>> RUN false",
        "ERROR: failed to build: failed to solve: process did not complete: exit code: 1",
    )
    assert made.error == "process did not complete: exit code: 1"
    assert made.place == ("Dockerfile", 7)


def test_the_error_is_not_the_one_of_a_step_that_was_only_cancelled():
    made = progress(
        line(vertexes=[vertex("[a 2/2] RUN sleep", "a", error="context canceled: context canceled")]),
        line(vertexes=[vertex("[b 2/2] RUN false", "b", error="exit code: 3")]),
    )
    assert made.error == "exit code: 3"


def test_strange_lines_are_text_and_raise_nothing():
    made = progress(
        "{", "{}", "[1]", '{"vertexes": 3}', '{"vertexes": [3, null, {"digest": 4}]}', "\x00", "{" * 100_000,
        '{"logs": [{"data": 7, "stream": []}, {"data": "%%%"}]}', '{"statuses": [{"id": null, "current": "x"}]}',
        '{"vertexes": [{"digest": "x", "name": "n", "started": "yesterday", "completed": 5}]}',
    )  # fmt: skip
    assert made.steps[-1].seconds == 0


def test_context_bytes_and_warnings():
    short = base64.b64encode(b"StageNameCasing: lower").decode()
    made = progress(
        line(statuses=[{"id": "transferring context:", "current": 10}]),
        line(statuses=[{"id": "transferring context:", "current": 450}]),
        line(warnings=[{"short": short}]),
    )
    assert made.transferred == 450
    assert made.warnings == ["StageNameCasing: lower"]
