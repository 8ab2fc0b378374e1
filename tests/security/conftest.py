"""The desk alone, as in its own tests."""

# ruff: noqa: F401 - fixtures

from tests.adminbot.conftest import admin, bot, operator, poked, quiet_desk, settings
