"""What all our commands share."""

from __future__ import annotations

from argparse import Action
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandParser, DjangoHelpFormatter


class OwnCommand(BaseCommand):
    """Its `--help` tells what is its own; the options that each command has from Django stand under a heading of theirs."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(prog_name, subcommand, **{"formatter_class": OwnFirst} | kwargs)


class OwnFirst(DjangoHelpFormatter):
    def add_usage(self, usage: str | None, actions: Iterable[Action], *args: Any, **kwargs: Any) -> None:
        super().add_usage(usage, [action for action in actions if not self._is_django_s(action)], *args, **kwargs)

    def add_arguments(self, actions: Iterable[Action]) -> None:
        found = list(actions)
        super().add_arguments([action for action in found if not self._is_django_s(action)])
        if of_django := [action for action in found if self._is_django_s(action)]:
            self.end_section()
            self.start_section("options of every command")
            super().add_arguments(of_django)

    def _is_django_s(self, action: Action) -> bool:
        return not self.show_last.isdisjoint(action.option_strings)
