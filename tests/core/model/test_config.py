from dflint.model import Model
from dflint.model.config import ImageConfig
from dflint.syntax import parse


def config(*lines: str, stage: int = -1) -> ImageConfig:
    m = Model(parse("\n".join(lines) + "\n"))
    return m.effective_config(m.stages[stage])


def test_scratch_is_known_to_have_nothing() -> None:
    found = config("FROM scratch")
    assert not found.inherits
    assert {found.cmd.known, found.entrypoint.known, found.user.known, found.shell.known} == {"unset"}
    assert (found.workdir.value, found.workdir.known) == ("/", "unset")


def test_a_base_image_is_not_known() -> None:
    found = config("FROM a")
    assert found.inherits and found.cmd.known == found.workdir.known == "base" and found.env == ()


def test_processes() -> None:
    found = config("FROM a", 'SHELL ["bash", "-c"]', "CMD x  y", 'ENTRYPOINT ["e", "f"]')
    assert found.cmd.value == ("shell", ("bash", "-c", "x  y"))
    assert found.entrypoint.value == ("exec", ("e", "f"))
    assert found.shell.value == ("bash", "-c")


def test_entrypoint_resets_the_cmd_of_earlier_stages_and_images() -> None:
    assert config("FROM a", 'ENTRYPOINT ["e"]').cmd.known == "unset"
    assert config("FROM a", 'CMD ["c"]', 'ENTRYPOINT ["e"]').cmd.known == "file"
    found = config("FROM a AS b", 'CMD ["c"]', "FROM b", 'ENTRYPOINT ["e"]')
    assert found.cmd.known == "unset"
    assert config("FROM a AS b", 'CMD ["c"]', "FROM b").cmd.value == ("exec", ("c",))


def test_values_are_expanded_and_inherited() -> None:
    lines = [
        "FROM a AS b",
        "ARG V=1",
        "ENV X=$V",
        'LABEL l="$X" m=n',
        "EXPOSE 80/TCP 8000-8002/udp $V $Q",
        "VOLUME /a $X",
    ]
    lines += ["USER $X", "STOPSIGNAL SIG$X", "WORKDIR /w", "FROM b", "ENV Y=2", "LABEL l=3", "WORKDIR s"]
    found = config(*lines)
    assert [(entry.name, entry.value) for entry in found.env] == [("X", "1"), ("Y", "2")]
    assert [(entry.name, entry.value) for entry in found.labels] == [("l", "3"), ("m", "n")]
    ports = [(entry.name, entry.value) for entry in found.exposed_ports]
    assert ports[:4] == [(name, name) for name in ("80/tcp", "8000/udp", "8001/udp", "8002/udp")]
    assert ports[4:] == [("1/tcp", "1/tcp"), ("$Q", None)]
    assert [entry.name for entry in found.volumes] == ["/a", "1"]
    assert (found.user.value, found.stopsignal.value, found.workdir.value) == ("1", "SIG1", "/w/s")
    assert found.labels[0].instruction is not None and found.labels[0].instruction.index == 11


def test_healthcheck() -> None:
    found = config("FROM a", "HEALTHCHECK --interval=5s CMD curl x").healthcheck.value
    assert found is not None and found.process == ("shell", ("/bin/sh", "-c", "curl x"))
    assert found.options == (("interval", "5s"),)
    none = config("FROM a", "HEALTHCHECK NONE").healthcheck
    assert none.known == "file" and none.value is not None and none.value.process is None


def test_triggers_count_for_the_stage_below_only() -> None:
    lines = ("FROM a AS b", "ONBUILD USER u", "ONBUILD ENV A=1", "FROM b")
    assert config(*lines, stage=0).user.known == "base" and len(config(*lines, stage=0).onbuild) == 2
    found = config(*lines)
    assert found.user.value == "u" and [entry.name for entry in found.env] == ["A"] and found.onbuild == ()


def test_unknown_values_are_none() -> None:
    found = config("FROM a", "USER $X", "WORKDIR y")
    assert (found.user.value, found.user.known) == (None, "file")
    assert (found.workdir.value, found.workdir.known) == (None, "file")
