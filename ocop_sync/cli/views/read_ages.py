"""How old the reads of marketplaces are, to people."""

from collections.abc import Mapping

from ocop_sync.cli.views.tables import console, plain
from ocop_sync.service.run.read_ages import ReadAge


def show_read_ages(found: Mapping[str, ReadAge]) -> None:
    """Show how old reads are where people carry a marketplace's lists to us."""
    for name, each in sorted(found.items()):
        console().print(f"{plain(name)}: {plain(str(each.words))}")
