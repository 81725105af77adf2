"""What is compared between two runs."""

import http.server
import subprocess
import threading
from pathlib import Path

import pytest

from dflint.build import probe
from dflint.build.probe import Response, Target
from dflint.build.smoke import Observation, checks_of

SAME = Observation(
    started="", exit_code=None, output="up", errors="", responses=(Response(80, "/", 200, "text/html", "abc", "hi"),),
    health="healthy", written=("A /x",), user="990:990", stop_code=0, stop_seconds=0.2,
)  # fmt: skip


def differing(**changes):
    return [check.name for check in checks_of(SAME, SAME._replace(**changes)) if not check.is_equal]


def test_equal_runs():
    assert all(check.is_equal for check in checks_of(SAME, SAME))
    assert len(checks_of(SAME, SAME)) == 10


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"started": "no such file"}, ["start"]),
        ({"exit_code": 1}, ["exit code"]),
        ({"output": "down"}, ["standard output"]),
        ({"errors": "warning"}, ["standard error"]),
        ({"health": "unhealthy"}, ["health"]),
        ({"written": ()}, ["files written"]),
        ({"user": "0:0"}, ["user"]),
        ({"user": ""}, ["user"]),
        ({"stop_code": 137}, ["exit code after the stop signal"]),
        ({"stop_seconds": 9.0}, ["seconds to stop"]),
        ({"responses": ()}, ["answer on port 80 /"]),
        ({"responses": (Response(80, "/", 500, "text/html", "abc"),)}, ["answer on port 80 /"]),
        ({"responses": (Response(80, "/", 200, "text/plain", "abc"),)}, ["answer on port 80 /"]),
        ({"responses": (Response(80, "/", 200, "text/html", "def"),)}, ["body on port 80 /"]),
    ],
)
def test_each_difference_is_seen(changes, names):
    assert differing(**changes) == names


def test_the_first_line_that_differs_is_shown():
    long = "\n".join(f"line {number}" for number in range(200))
    check = next(
        c for c in checks_of(SAME._replace(output=long + "\na"), SAME._replace(output=long + "\nb")) if not c.is_equal
    )
    assert (check.original, check.rewrite) == ("a", "b")


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/ok" else 404)
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        self.wfile.write(b"at 2026-01-01 10:00:00 by 172.17.0.9")

    def log_message(self, *_):
        pass


@pytest.fixture
def port():
    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def test_an_answer_is_normalised(port):
    response = probe.ask("127.0.0.1", port, Target(8080, "/ok"), ("172.17.0.9",))
    assert (response.port, response.status, response.content_type) == (8080, 200, "text/plain")
    assert response.beginning == "at <time> by <container>"
    assert probe.ask("127.0.0.1", port, Target(8080, "/no"), ()).status == 404


def test_nothing_listens():
    assert probe.ask("127.0.0.1", 1, Target(1), (), 1.0) is None


@pytest.mark.skipif(not probe.can_enter_namespaces(), reason="needs root on Linux")
def test_another_network_namespace_is_left_again(port):
    holder = subprocess.Popen(["unshare", "--net", "sleep", "30"])
    try:
        ours = Path("/proc/self/ns/net").readlink()
        until = 200
        while Path(f"/proc/{holder.pid}/ns/net").readlink() == ours and until:
            until -= 1
            threading.Event().wait(0.02)
        seen = []
        probe.within_network(holder.pid, lambda: seen.append(probe.ask("127.0.0.1", port, Target(port), (), 1.0)))
        assert seen == [None]
        assert probe.ask("127.0.0.1", port, Target(port, "/ok"), ()) is not None
    finally:
        holder.kill()
        holder.wait()
