"""Histories and Dockerfiles from plain texts, without git."""

from hashlib import sha1

from dflint.buildcache.past import Past
from dflint.buildcache.replay import replay
from dflint.buildcache.steps import plan_of
from dflint.buildcache.study import Setup, study
from dflint.context import BuildContext, MemoryFileSystem
from dflint.history import Change, Commit, File, History
from dflint.history.changes import LINK, REGULAR
from dflint.model import Model
from dflint.syntax import parse


class Contents:
    """Object names of texts, and back."""

    def __init__(self):
        self.known = {}

    def file(self, text, mode=REGULAR):
        if isinstance(text, tuple):
            mode, text = text
        name = sha1(text.encode()).hexdigest()
        self.known[name] = text.encode()
        return File(mode, name)


def link(target):
    return LINK, target


def history(*commits, others=()):
    """A history of dictionaries: path to text, ``(mode, text)``, or None to delete. The first one is the base."""
    contents = Contents()
    first, *rest = commits
    made = []
    for number, changes in enumerate(rest, 1):
        all_changes = [Change(p, None if t is None else contents.file(t)) for p, t in changes.items()]
        inside = tuple(change for change in all_changes if change.path not in others)
        made.append(Commit(f"{number:040}", number, inside, tuple(c for c in all_changes if c.path in others)))
    files = {path: contents.file(text) for path, text in first.items()}
    return History(
        tuple(made),
        {path: file for path, file in files.items() if path not in others},
        {path: file for path, file in files.items() if path in others},
        f"{0:040}",
        f"{len(rest):040}",
        "",
        False,
        True,
        contents.known.get,
    )


def outcomes(dockerfile, *commits, build_args=None, target=None, has_git_folder=False):
    """For each step a letter for each build after the first: ran, cached, maybe; ``-`` where it cannot be built."""
    past = history(*commits)
    plan = plan_of(Model(parse(dockerfile), build_args=build_args, target=target))
    contexts = Past(past, "Dockerfile.dockerignore", None, has_git_folder).states()
    builds = replay((name, snapshot, plan) for name, snapshot, _ in contexts)[1:]
    steps = {}
    for number, step in enumerate(plan.steps):
        letters = "".join("-" if b.missing is not None else b.results[number].outcome[0] for b in builds)
        steps[step.text] = letters
    return steps


def studied(dockerfile, *commits, files=None, others=(), **options):
    """The study of a Dockerfile over commits; ``files`` is what is on the disk, by default what the last commit has."""
    on_disk = {}
    for changes in commits:
        on_disk.update(changes)
    disk = {path: text for path, text in on_disk.items() if isinstance(text, str)} if files is None else files
    context = BuildContext.for_dockerfile("Dockerfile", MemoryFileSystem({"Dockerfile": dockerfile, **disk}))
    return study(Setup("Dockerfile", context, **options), dockerfile, history(*commits, others=others), "Dockerfile")
