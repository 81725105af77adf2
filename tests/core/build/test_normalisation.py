import pytest

from dflint.build.normalisation import distinct_lines, normalised, written_paths


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2026-01-02 03:04:05,123 INFO up", "2026-01-02 03:04:09,001 INFO up"),
        ("at 2026-01-02T03:04:05.678Z", "at 2027-11-12T13:14:15Z"),
        ("[02/Jan/2026:03:04:05 +0000] GET", "[03/Feb/2026:10:00:00 +0000] GET"),
        ("Date: Fri, 02 Jan 2026 03:04:05 GMT", "Date: Sat, 03 Jan 2026 13:14:15 GMT"),
        ("Wed Nov 25 04:11:15 UTC 2026", "Thu Nov 26 14:00:00 UTC 2026"),
        ("took 12ms", "took 9.5 s"),
        ("epoch 1764043875", "epoch 1764049999"),
        ("worker pid 17 up", "worker pid 23 up"),
        ("nginx[7]: start", "nginx[18]: start"),
        ("7#7: start", "12#12: start"),
        ("from 127.0.0.1:43210", "from 127.0.0.1:56789"),
        ("('127.0.0.1', 43210)", "('127.0.0.1', 56789)"),
        ("object at 0x7f12ab34cd56", "object at 0x7fffab34cd57"),
        ("id 123e4567-e89b-12d3-a456-426614174000", "id 00000000-e89b-12d3-a456-426614174000"),
        ("wrote /tmp/tmpab12cd_x", "wrote /tmp/tmpzz99yy_q"),
        ("\x1b[32mok\x1b[0m", "ok"),
        ("on 4f2a90b1c3d4 now", "on ffffffffffff now"),
    ],
)
def test_what_differs_anyway(one, other):
    names = ("4f2a90b1c3d4", "ffffffffffff")
    assert normalised(one, names) == normalised(other, names)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("listening on 0.0.0.0:8080", "listening on 0.0.0.0:8081"),
        ("3 files", "4 files"),
        ("version 1.2.3", "version 1.2.4"),
        ("wrote /tmp/result.json", "wrote /tmp/report.json"),
        ("exit 1", "exit 2"),
        ("user 990", "user 991"),
        ("uid=1000(app)", "uid=1001(app)"),
        ("hello", "hello!"),
        ("a\nb", "b\na"),
    ],
)
def test_what_must_stay_different(one, other):
    assert normalised(one) != normalised(other)


def test_files_written():
    listing = (
        "C /app\nA /app/out.txt\nC /tmp\nA /tmp/tmpabcdef12\nA /app/__pycache__\nA /app/__pycache__/m.pyc\nD /etc/x\n"
    )
    assert written_paths(listing) == ("A /app/out.txt", "A /tmp/<random>", "D /etc/x")


def test_lines_of_a_service():
    assert distinct_lines("up\ntick\ntick\nup") == "up\ntick"
