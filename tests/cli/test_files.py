"""Reading and replacing files."""

# ruff: noqa: PTH208
import os
import stat

import pytest

from dflint import files

ALL_BYTES = bytes(range(256)) + "\ufeffé世\r\n".encode()


def test_every_byte_survives(tmp_path):
    file = tmp_path / "f"
    file.write_bytes(ALL_BYTES)
    text = files.read(str(file))
    assert files.encoded(text) == ALL_BYTES
    files.replace(str(file), "\r\n" + text, text)
    assert file.read_bytes() == b"\r\n" + ALL_BYTES


@pytest.mark.skipif(os.name == "nt", reason="modes")
@pytest.mark.parametrize("mode", [0o644, 0o600, 0o755, 0o664])
def test_the_mode_stays(tmp_path, mode):
    file = tmp_path / "f"
    file.write_text("a")
    file.chmod(mode)
    files.replace(str(file), "b", "a")
    assert stat.S_IMODE(file.stat().st_mode) == mode
    assert os.listdir(tmp_path) == ["f"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
def test_the_owner_stays(tmp_path):
    file = tmp_path / "f"
    file.write_text("a")
    os.chown(file, 12345, 23456)
    files.replace(str(file), "b", "a")
    assert (file.stat().st_uid, file.stat().st_gid) == (12345, 23456)
    assert file.read_text() == "b"


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/real").write_text("a")
    (tmp_path / "link").symlink_to("folder/real")
    files.replace(str(tmp_path / "link"), "b", "a")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "folder/real").read_text() == "b"
    assert os.listdir(tmp_path / "folder") == ["real"]


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path):
    file = tmp_path / "f"
    file.write_text("changed")
    with pytest.raises(OSError, match="changed by somebody else"):
        files.replace(str(file), "b", "a")
    assert file.read_text() == "changed"
    assert os.listdir(tmp_path) == ["f"]


@pytest.mark.skipif(os.name == "nt", reason="os.replace")
def test_after_a_failure_the_old_file_is_there(tmp_path, monkeypatch):
    file = tmp_path / "f"
    file.write_text("a")

    def fails(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(OSError, match="No space left"):
        files.replace(str(file), "b", "a")
    monkeypatch.undo()
    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(OSError, match="No space left"):
        files.replace(str(file), "b", "a")
    assert file.read_text() == "a"
    assert os.listdir(tmp_path) == ["f"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_only_regular_files(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="not a regular file"):
        files.replace(str(tmp_path / "pipe"), "b", "a")
    with pytest.raises(FileNotFoundError):
        files.replace(str(tmp_path / "missing"), "b", "a")


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root writes everything")
def test_a_read_only_file_is_not_replaced(tmp_path):
    file = tmp_path / "f"
    file.write_text("a")
    file.chmod(0o444)
    with pytest.raises(PermissionError):
        files.replace(str(file), "b", "a")
    assert file.read_text() == "a"
