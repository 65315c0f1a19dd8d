"""The production compose file, checked by reading, because no container engine runs beside the tests."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from devtools.embedded import APP

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
    assert set(services) == {"postgres", "redis", "migrate", "keys", "web", "worker", "beat"}
    assert {name for name, service in services.items() if "healthcheck" in service} == set(services) - {
        "migrate",
        "keys",
    }


def test_the_workers_health_is_its_heartbeats_and_the_webs_needs_no_worker(compose: dict[str, Any]) -> None:
    assert compose["services"]["worker"]["healthcheck"]["test"][-1] == "worker_health"
    web = compose["services"]["web"]["healthcheck"]["test"][-1]
    assert "/health/ready" in web


def test_the_variables_are_those_of_the_example(compose: dict[str, Any]) -> None:
    variables = set(re.findall(r"\$\{([A-Z_]+)(?::\?)?\}", (ROOT / "docker-compose.yml").read_text()))
    assert variables == set(example())


def test_every_setting_reads_a_variable_that_is_passed(compose: dict[str, Any]) -> None:
    passed = {name for service in ("migrate", "worker") for name in compose["services"][service]["environment"]}
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
    with_owner_url = {name for name in services if "DATABASE_OWNER_URL" in services[name].get("environment", {})}
    assert with_owner_url == {"migrate"}


def test_without_its_servers_the_application_does_not_start_beside_its_own(compose: dict[str, Any]) -> None:
    """A blank address would mean the embedded servers: `:?` has compose refuse it."""
    for name in ("web", "worker", "beat", "migrate"):
        environment = compose["services"][name]["environment"]
        assert environment["DATABASE_URL"] == "${DATABASE_URL:?}"
        assert environment["REDIS_URL"] == "${REDIS_URL:?}"


def test_the_programs_keys_go_to_the_worker_alone(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert {name for name in services if any("keys:" in v for v in services[name].get("volumes", []))} == {
        "keys", "worker",
    }  # fmt: skip
    assert "keys:/keys:ro" in services["worker"]["volumes"]
    assert services["worker"]["depends_on"]["keys"]["condition"] == "service_completed_successfully"


def test_no_secret_is_inside() -> None:
    values = example()
    secrets = ("SECRET_KEY", "POSTGRES_PASSWORD", "CLEARFILL_APP_PASSWORD", "REDIS_PASSWORD")
    assert {values[name] for name in secrets} == {""}
    assert "PASSWORD=" not in (ROOT / "Dockerfile").read_text()


def test_the_application_starts_only_after_the_migration(compose: dict[str, Any]) -> None:
    for name in ("web", "worker", "beat"):
        wanted = compose["services"][name]["depends_on"]
        assert wanted["migrate"]["condition"] == "service_completed_successfully"


def test_every_server_asks_for_a_password(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert services["postgres"]["environment"]["POSTGRES_PASSWORD"] == "${POSTGRES_PASSWORD:?}"
    assert services["redis"]["command"][-2:] == ["--requirepass", "${REDIS_PASSWORD:?}"]


def test_the_application_runs_without_rights_on_its_machine(compose: dict[str, Any]) -> None:
    for name in ("web", "worker", "beat", "migrate", "keys"):
        assert compose["services"][name]["cap_drop"] == ["ALL"]
        assert compose["services"][name]["security_opt"] == ["no-new-privileges:true"]
    assert re.search(r"^USER clearfill$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)


def test_the_image_holds_neither_history_nor_secrets_nor_tests() -> None:
    left_out = set((ROOT / ".dockerignore").read_text().split())
    assert left_out >= {".git", ".env", ".venv", "tests"}


def test_nothing_but_the_web_page_is_reached_from_outside(compose: dict[str, Any]) -> None:
    """And that by a proxy on the same machine alone, which encrypts."""
    assert {name: s["ports"] for name, s in compose["services"].items() if "ports" in s} == {
        "web": ["127.0.0.1:8000:8000"]
    }
