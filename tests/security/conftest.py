"""The whole process, as in the acceptance tests, and the desk alone, as in its own."""

# ruff: noqa: F401 - fixtures, and the hook that shows the log of a failed test

from tests.acceptance.conftest import empty_house, forks, house, pytest_runtest_makereport, quiet_house
from tests.adminbot.conftest import admin, bot, operator, poked, quiet_desk, settings
