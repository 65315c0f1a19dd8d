"""Fixtures of the accounts' tests."""

from tests.unlogged import _lines_of_faults_alone

__all__ = ["_lines_of_faults_alone"]
