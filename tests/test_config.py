"""Settings come from the environment, and a wrong value stops the start with a sentence."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from helpdesk.config import ConfigError, Settings
from helpdesk.secret import kept_secret


def load(data: Path, **environ: str) -> Settings:
    return Settings.load({"TEMAS_DATA": str(data), **environ})


def test_an_empty_environment_is_enough(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert (settings.database_url, settings.redis_url) == ("", "")
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.metrics_token == ""


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_usual_database_scheme_uses_psycopg_3(tmp_path: Path, scheme: str) -> None:
    url = load(tmp_path, DATABASE_URL=f"{scheme}://u:p%40@db:5433/t?sslmode=require").database_url
    assert url == "postgresql+psycopg://u:p%40@db:5433/t?sslmode=require"


def test_a_database_on_a_unix_socket_keeps_its_empty_host(tmp_path: Path) -> None:
    url = load(tmp_path, DATABASE_URL="postgresql:///t?host=/run/pg").database_url
    assert url == "postgresql+psycopg:///t?host=/run/pg"


def test_redis_may_be_a_unix_socket(tmp_path: Path) -> None:
    assert load(tmp_path, REDIS_URL="unix:///run/r.sock?db=1").redis_url == "unix:///run/r.sock?db=1"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://u:hunter2hunter2@db/t"),
        ("DATABASE_URL", "postgresql://u:hunter2hunter2@db:notaport/t"),
        ("DATABASE_URL", "postgresql://"),
        ("REDIS_URL", "localhost:6379"),
        ("PUBLIC_URL", "support.example.com"),
        ("SECRET_KEY", "short"),
        ("TEMAS_HOST", "my.host.name"),
        ("TEMAS_LOG_LEVEL", "loud"),
        ("TEMAS_PORT", "80a"),
        ("TEMAS_PORT", "0"),
        ("TEMAS_UNDO_SECONDS", "-1"),
        ("TEMAS_WORKERS", "²"),
    ],
)
def test_a_wrong_value_is_refused_by_name(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load(tmp_path, **{name: value})
    assert name in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_the_secret_key_is_made_once_and_private(tmp_path: Path) -> None:
    first, second = load(tmp_path / "new"), load(tmp_path / "new")
    assert first.secret_key == second.secret_key
    assert stat.S_IMODE((tmp_path / "new" / "secret_key").stat().st_mode) == 0o600
    assert first.secret_key not in repr(first)


def test_processes_that_start_at_once_agree_on_the_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        values = set(pool.map(lambda _: kept_secret(tmp_path / "key"), range(64)))
    assert len(values) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_a_damaged_secret_is_not_replaced_silently(tmp_path: Path) -> None:
    (tmp_path / "secret_key").touch()
    with pytest.raises(ConfigError, match="secret_key is empty"):
        load(tmp_path)


def test_a_data_folder_that_is_a_file_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="data folder"):
        load(tmp_path / "file")
