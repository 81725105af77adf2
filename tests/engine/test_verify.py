"""Verdicts on the apps of ``tests/apps``: rewrites that are right, with faults seeded, and with harmless edits.

Each level that is expected here is exact: neither may a verdict be rounded up nor may it get lower than it was.
"""

from concurrent.futures import ThreadPoolExecutor

import pytest
from engine.variations import FAULTS, HARMLESS
from engine.verifying import APPS, OPTIMIZED, Bench, optimized, pairs

AT_A_TIME = 3
"""Verdicts that are worked on at once: most of each is waiting for the engine."""

EXPECTED = {
    ("c-greeter", "cached"): 5, ("c-greeter", "local"): 3, ("c-greeter", "stages"): 3,
    ("c-static", "scratch"): 3, ("c-static", "slim"): 3,
    ("go-service", "cached"): 5, ("go-service", "distroless"): 3, ("go-service", "slim"): 3,
    ("java-tool", "jre"): 3, ("java-tool", "merged"): 5,
    ("node-api", "manifest"): 5, ("node-api", "slim"): 3, ("node-api", "whole"): 5,
    ("perl-filter", "merged"): 5, ("perl-filter", "mounted"): 3, ("perl-filter", "slim"): 3,
    ("php-site", "copied"): 5, ("php-site", "stages"): 5,
    ("python-native", "mounted"): 3, ("python-native", "slim"): 3, ("python-native", "wheel"): 3,
    ("python-web", "ordered"): 5, ("python-web", "parts"): 5, ("python-web", "slim"): 5,
    ("ruby-counter", "slim"): 5, ("ruby-counter", "stages"): 5,
    ("shell-report", "merged"): 5, ("shell-report", "mounted"): 3, ("shell-report", "stages"): 3,
    ("static-site", "mounted"): 3, ("static-site", "stages"): 3,
}  # fmt: skip
"""The level of each rewrite. Those of level 3 leave sources out that no package explains."""

BY_OPTIMIZER = {
    "c-greeter": 5, "c-static": 5, "go-service": 5, "java-tool": 5, "node-api": 5, "perl-filter": 5, "python-web": 5,
    "ruby-counter": 5,
}  # fmt: skip
"""The level of what the optimizer makes of an app from its files alone; the others it leaves as one stage."""

ECOSYSTEMS = {
    "shell-report": "shell", "c-greeter": "C", "c-static": "C", "python-web": "Python", "python-native": "Python",
    "node-api": "Node", "go-service": "Go", "java-tool": "Java", "ruby-counter": "Ruby", "php-site": "PHP",
    "perl-filter": "Perl", "static-site": "static site",
}  # fmt: skip


class Verdicts:
    """Verdicts by app, rewrite and variation, worked on ahead of the tests that ask for them."""

    def __init__(self, bench, pool, wanted):
        self._bench = bench
        self._pool = pool
        self._futures = {}
        for app, name, variation in wanted:
            self._submit(app, name, variation)

    def _submit(self, app, name, variation):
        recipe = self._bench.rewrite(app, name)
        if variation is not None:
            recipe = variation.applied(recipe)
        key = (app, name, variation)
        if key not in self._futures:
            self._futures[key] = self._pool.submit(self._bench.verdict, app, recipe)
        return self._futures[key]

    def get(self, app, name, variation=None):
        return self._submit(app, name, variation).result(timeout=1200)


@pytest.fixture(scope="module")
def verdicts(engine, request):
    wanted = []
    for item in request.session.items:
        parameters = getattr(item, "callspec", None)
        if item.path == request.path and parameters is not None:
            variation = parameters.params.get("variation")
            app, name = (variation.app, variation.rewrite) if variation else parameters.params.get("pair", ("", ""))
            if not app:
                app, name = parameters.params["app"], OPTIMIZED
                if app not in BY_OPTIMIZER:
                    continue
            wanted += [(app, name, None), (app, name, variation)]
    # An app's variations one after the other, so that its original is built once and then thrown away by none.
    wanted.sort(key=lambda key: key[:2])
    with Bench() as bench, ThreadPoolExecutor(AT_A_TIME) as pool:
        yield Verdicts(bench, pool, wanted)
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("pair", pairs(), ids=lambda pair: "-".join(pair))
def test_rewrite(verdicts, pair):
    verdict = verdicts.get(*pair)
    assert int(verdict.level) == EXPECTED[pair], verdict.to_text()


@pytest.mark.parametrize("app", BY_OPTIMIZER)
def test_what_the_optimizer_makes(verdicts, app):
    verdict = verdicts.get(app, OPTIMIZED)
    assert int(verdict.level) == BY_OPTIMIZER[app], verdict.to_text()


@pytest.mark.parametrize("app", sorted({*ECOSYSTEMS} - {*BY_OPTIMIZER, "python-native"}))
def test_what_the_optimizer_leaves(app):
    assert optimized(app).text.count("FROM ") == (APPS / app / "Dockerfile").read_text().count("FROM ")


@pytest.mark.parametrize("variation", FAULTS, ids=str)
def test_fault_costs_a_level(verdicts, variation):
    good = verdicts.get(variation.app, variation.rewrite)
    bad = verdicts.get(variation.app, variation.rewrite, variation)
    assert bad.level < good.level, bad.to_text()
    assert bad.reasons


@pytest.mark.parametrize("variation", HARMLESS, ids=str)
def test_harmless_edit_costs_none(verdicts, variation):
    good = verdicts.get(variation.app, variation.rewrite)
    assert verdicts.get(variation.app, variation.rewrite, variation).level == good.level


def test_how_many_there_are():
    assert {app for app, _ in pairs()} == set(ECOSYSTEMS)
    assert len(set(ECOSYSTEMS.values())) >= 8
    assert len(pairs()) >= 30
    assert len(FAULTS) >= 40
    assert len(HARMLESS) >= 20
