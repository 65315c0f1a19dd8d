"""The keys of the program, as whoever installs it makes them."""

import runpy
import sys
from pathlib import Path

import pytest

from ledger import keys


def run() -> None:
    runpy.run_path(keys.__file__, run_name="__main__")


def test_a_folder_of_keys_is_made_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["ledger.keys", str(tmp_path / "keys")])
    run()
    assert str(tmp_path / "keys") in capsys.readouterr().out
    made = {path.name: path.read_bytes() for path in (tmp_path / "keys").iterdir()}
    assert {keys.CHECKPOINT, keys.DOCUMENT, keys.CERTIFICATE} <= set(made)
    run()
    assert {path.name: path.read_bytes() for path in (tmp_path / "keys").iterdir()} == made


def test_a_folder_without_its_certificate_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["ledger.keys", str(tmp_path)])
    run()
    (tmp_path / keys.CERTIFICATE).unlink()
    with pytest.raises(SystemExit) as ended:
        run()
    assert "No keys made" in str(ended.value.code)


def test_without_a_folder_nothing_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["ledger.keys"])
    with pytest.raises(SystemExit) as ended:
        run()
    assert "Say in which folder" in str(ended.value.code)
