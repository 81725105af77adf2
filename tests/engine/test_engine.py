"""The engine itself: what the other tests here build on."""


def test_builds_and_runs(engine, tmp_path):
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\nENV A=b\n")
    tag = engine.prefix + "hello:1"
    engine.docker("buildx", "build", "--load", "-t", tag, tmp_path)
    assert "A=b" in engine.docker("image", "inspect", tag, "--format", "{{.Config.Env}}").stdout
