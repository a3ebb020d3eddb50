"""Where the key comes from, and which are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from valfardsbrott.domain import EXIT_USAGE, Failure
from valfardsbrott.settings import Settings
from valfardsbrott.sources.keys import key

KEY = "0f" * 32


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "config"
    monkeypatch.setattr("platformdirs.user_config_path", lambda name: place / name)
    return place


def test_a_city_gives_its_key_in_settings_or_a_file(tmp_path: Path) -> None:
    file = tmp_path / "city.key"
    file.write_text(KEY + "\n")
    assert key(Settings(key=KEY)) == key(Settings(key_file=file)) == bytes.fromhex(KEY)
    assert key(Settings(key=KEY, profile="production")) == bytes.fromhex(KEY)


def test_the_demo_key_is_made_once_for_every_folder(tmp_path: Path, home: Path) -> None:
    made = key(Settings(out=tmp_path / "one"))
    assert len(made) == 32
    assert key(Settings(out=tmp_path / "two")) == made
    kept = home / "valfardsbrott" / "demo.key"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.read_text().startswith("demo:")
    assert [path.name for path in kept.parent.iterdir()] == ["demo.key"]


def test_where_there_is_no_home_the_store_keeps_it(tmp_path: Path, home: Path) -> None:
    home.write_text("a file stands in the way")
    settings = Settings(out=tmp_path / "runs")
    assert key(settings) == key(settings)
    assert (settings.store_path / "demo.key").is_file()


def test_production_refuses_the_demo_key_and_none(tmp_path: Path, home: Path) -> None:
    with pytest.raises(Failure, match="there is no key for pseudonyms") as refused:
        key(Settings(profile="production"))
    assert refused.value.exit_code == EXIT_USAGE
    key(Settings(out=tmp_path))
    demo = home / "valfardsbrott" / "demo.key"
    with pytest.raises(Failure, match="the demo's"):
        key(Settings(profile="production", key_file=demo))
    with pytest.raises(Failure, match="the demo's"):
        key(Settings(profile="production", key=demo.read_text().strip()))


@pytest.mark.parametrize("wrong", ["opensesame", "0f" * 31, "0f" * 33, "zz" * 32])
def test_a_key_is_32_bytes_and_is_never_shown(wrong: str) -> None:
    with pytest.raises(Failure, match="not 32 bytes") as refused:
        key(Settings(key=wrong))
    assert wrong not in str(refused.value)
    assert wrong not in repr(Settings(key=wrong))


def test_a_key_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Failure, match=r"absent\.key cannot be read"):
        key(Settings(key_file=tmp_path / "absent.key"))
