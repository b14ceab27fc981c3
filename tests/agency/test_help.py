"""What `manage.py <command> --help` tells."""

from __future__ import annotations

import pytest
from django.core.management import get_commands, load_command_class

from agency.management.own import OwnCommand

OURS = sorted(name for name, app in get_commands().items() if str(app).partition(".")[0] in ("agency", "clients", "reports"))


@pytest.mark.parametrize("name", OURS)
def test_what_is_a_command_s_own_stands_before_what_all_have(name: str) -> None:
    command = load_command_class(get_commands()[name], name)
    assert isinstance(command, OwnCommand)
    parser = command.create_parser("manage.py", name)
    usage, _, rest = parser.format_help().partition("\n\n")
    own, heading, of_all = rest.partition("\noptions of every command:\n")
    assert heading
    for option in ("--settings", "--traceback", "--verbosity"):
        assert (option in usage, option in own, option in of_all) == (False, False, True), option


def test_a_command_s_own_options_stand_in_its_usage() -> None:
    parser = load_command_class("clients", "connect").create_parser("manage.py", "connect")
    usage, _, rest = parser.format_help().partition("\n\n")
    own, _, of_all = rest.partition("\noptions of every command:\n")
    for option in ("--client", "--key-env", "--take-history", "--agency"):
        assert (option in usage, option in own, option in of_all) == (True, True, False), option
