"""What is started in production: checked by reading, because no engine runs beside the tests."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ledger.embedded import APP

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return loaded


def example() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_the_services_are_there_and_each_is_watched(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert set(services) == {"postgres", "redis", "migrate", "web", "worker", "beat"}
    assert {name for name, service in services.items() if "healthcheck" in service} == set(services) - {"migrate"}


def test_the_variables_are_those_of_the_example(compose: dict[str, Any]) -> None:
    asked = set(re.findall(r"\$\{([A-Z_]+)(?::\?)?\}", (ROOT / "docker-compose.yml").read_text()))
    assert asked == set(example())


def test_every_setting_reads_a_variable_that_is_passed(compose: dict[str, Any]) -> None:
    passed = set(compose["services"]["migrate"]["environment"])
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', (ROOT / "config" / "settings.py").read_text()))
    own = {"DEMO", "DEBUG", "CLEARFILL_FOLDER", "CLEARFILL_DATABASE", "STATIC_ROOT"}  # the demo's and a developer's
    assert read - own == passed


def test_both_roles_are_made_and_are_two(compose: dict[str, Any]) -> None:
    mounted = "".join(compose["services"]["postgres"]["volumes"])
    assert "/docker-entrypoint-initdb.d/roles.sh" in mounted
    assert f"CREATE ROLE {APP} LOGIN NOSUPERUSER" in (ROOT / "deploy" / "roles.sh").read_text()
    urls = example()
    assert f"//{APP}:" in urls["DATABASE_URL"]
    assert "//postgres:" in urls["DATABASE_OWNER_URL"]


def test_the_owners_address_goes_to_the_migration_alone(compose: dict[str, Any]) -> None:
    services = compose["services"]
    given = {name for name in services if "DATABASE_OWNER_URL" in services[name].get("environment", {})}
    assert given == {"migrate"}


def test_without_its_servers_the_application_does_not_start_beside_its_own(compose: dict[str, Any]) -> None:
    """A blank address would mean the embedded servers: `:?` has compose refuse it."""
    for name in ("web", "worker", "beat", "migrate"):
        environment = compose["services"][name]["environment"]
        assert environment["DATABASE_URL"] == "${DATABASE_URL:?}"
        assert environment["REDIS_URL"] == "${REDIS_URL:?}"


def test_no_secret_is_inside() -> None:
    values = example()
    assert values["SECRET_KEY"] == values["POSTGRES_PASSWORD"] == values["CLEARFILL_APP_PASSWORD"] == ""
    assert "PASSWORD=" not in (ROOT / "Dockerfile").read_text()


def test_the_application_starts_only_after_the_migration(compose: dict[str, Any]) -> None:
    for name in ("web", "worker", "beat"):
        wanted = compose["services"][name]["depends_on"]
        assert wanted["migrate"]["condition"] == "service_completed_successfully"
