"""Commands that run the command given as their arguments."""

from __future__ import annotations

from dflint.shell.nodes import Assignment, Command, Word

_SUDO = (
    "-u --user -g --group -p --prompt -C --close-from -D --chdir -h --host -r --role -t --type -T --command-timeout "
    "-U --other-user -R --chroot"
)
_XARGS = (
    "-a --arg-file -d --delimiter -E -I -J -L --max-lines -n --max-args -P --max-procs -R -s --max-chars "
    "--process-slot-var"
)
# Name -> (options that take the next word as value, number of operands before the command).
WRAPPERS: dict[str, tuple[str, int]] = {
    "sudo": (_SUDO, 0),
    "doas": ("-u -C", 0),
    "env": ("-u --unset -C --chdir", 0),
    "exec": ("-a", 0),
    "command": ("", 0),
    "builtin": ("", 0),
    "nice": ("-n --adjustment", 0),
    "ionice": ("-c --class -n --classdata", 0),
    "time": ("-f --format -o --output", 0),
    "nohup": ("", 0),
    "xargs": (_XARGS, 0),
    "eatmydata": ("", 0),
    "timeout": ("-s --signal -k --kill-after", 1),
    "stdbuf": ("-i --input -o --output -e --error", 0),
    "setsid": ("", 0),
    "gosu": ("", 1),
    "su-exec": ("", 1),
    "chpst": ("-u -U -b -d -o -p -f -c -m -r -t -/ -n -l -L -e", 0),
    "runuser": ("-u --user -g --group -G --supp-group", 0),
    "retry": ("-t --times -d --delay -m --message", 0),
    "busybox": ("", 0),
    "fakeroot": ("-l --lib -s -i -b", 0),
    "xvfb-run": ("-e --error-file -f --auth-file -n --server-num -p --xauth-protocol -s --server-args -w --wait", 0),
    "tini": ("-p -e", 0),
    "dumb-init": ("-r --rewrite", 0),
    "flock": ("-w --wait --timeout -E --conflict-exit-code", 1),
    "setarch": ("", 1),
    "linux32": ("", 0),
    "linux64": ("", 0),
    "unbuffer": ("", 0),
}  # fmt: skip
_ASSIGNING = frozenset(("env", "sudo", "doas"))
# With these options the command is not run, or is a string.
_STOPPING = {
    "command": ("-v", "-V"), "env": ("-S", "--split-string"), "sudo": ("-l", "-v", "-k", "-K", "-e", "-s", "-i"),
    "flock": ("-c", "--command", "-u"), "runuser": ("-c", "--command", "-"), "xargs": ("-i",),
}  # fmt: skip
_MAX_NESTING = 8


def unwrap(command: Command) -> Command:
    """``Command.unwrapped``."""
    for _ in range(_MAX_NESTING):
        if command.program not in WRAPPERS:
            break
        inner = _unwrap_once(command, command.program or "")
        if inner is None:
            break
        command = inner
    return command


def _unwrap_once(command: Command, program: str) -> Command | None:
    options, operands = WRAPPERS[program]
    with_value = options.split()
    words = command.arguments
    assignments = list(command.assignments)
    at, options_ended, runs_as_user = 0, False, program != "runuser"
    while at < len(words):
        word = words[at]
        value = word.literal_prefix
        if not options_ended and value[:1] == "-" and len(value) > 1:
            name = value.partition("=")[0]
            if name in _STOPPING.get(program, ()) and name not in with_value:
                return None
            options_ended = value == "--"
            runs_as_user = runs_as_user or name in ("-u", "--user")
            at += 2 if value in with_value or _takes_next(value, with_value) else 1
            continue
        options_ended = True
        if program in _ASSIGNING and _is_assignment(word):
            assignments.append(_assignment(word))
        elif operands:
            operands -= 1
        else:
            return _view(command, at, tuple(assignments)) if runs_as_user else None
        at += 1
    return None


def _takes_next(value: str, with_value: list[str]) -> bool:
    """Whether the last of several short options in one word takes the next word: ``-nu user``, not ``-uuser``."""
    if value[1] == "-" or len(value) < 3:
        return False
    first = next((index for index, letter in enumerate(value[1:], 1) if "-" + letter in with_value), -1)
    return first == len(value) - 1


def _is_assignment(word: Word) -> bool:
    name, equals, _ = word.literal_prefix.partition("=")
    return bool(equals) and name.isidentifier()


def _assignment(word: Word) -> Assignment:
    name, _, _ = word.literal_prefix.partition("=")
    result = Assignment(word._text, word.begin, word.stop, name, _tail(word, len(name) + 1))
    result.is_local = True
    return result


def _tail(word: Word, length: int) -> Word | None:
    """What follows the first ``length`` characters; None if they are not all plain."""
    begin = word.begin + length
    if word.parts is None:
        return Word(word._text, begin, word.stop)
    kind, payload, start, stop = word.parts[0]
    if kind != 0 or stop < begin:
        return None
    rest = (kind, str(payload)[begin - start :], begin, stop)
    return Word(word._text, begin, word.stop, [rest, *word.parts[1:]], word.variables, word.substitutions)


def _view(command: Command, at: int, assignments: tuple[Assignment, ...]) -> Command:
    words = command.arguments
    view = Command(command._text, words[at].begin, command.parent)
    view.stop = command.stop
    view.assignments = assignments
    view.name = words[at]
    view.arguments = words[at + 1 :]
    view.redirects = command.redirects
    return view
