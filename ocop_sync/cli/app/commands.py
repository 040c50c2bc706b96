"""Every command there is, and where it stands; its module is loaded when it is called.

Loading all of them took most of the second that a command needed to start. The words
that `--help` lists a command with therefore stand here, and not beside the command.
"""

import gc
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from importlib import import_module
from typing import Final, NamedTuple

import click


class CommandPlace(NamedTuple):
    """Where a command stands, and its words in the list of all.

    Attributes:
        where: Module in `ocop_sync.cli`, and the command's name in it.
        words: The purpose of the command, in both languages.
    """

    where: str
    words: str


PLACES: Final[Mapping[str, CommandPlace]] = {
    "demo": CommandPlace(
        "demo:demo",
        "Chạy thử với hai sàn mô phỏng / Try it on two simulated marketplaces.",
    ),
    "import": CommandPlace(
        "imports:imports", "Nạp danh mục từ tệp / Take a catalog in from a file."
    ),
    "export": CommandPlace(
        "feeds:export", "Ghi danh mục ra tệp / Write the catalog to a file."
    ),
    "generate": CommandPlace(
        "generate:generate", "Tạo danh mục mẫu / Make up a fictitious catalog."
    ),
    "template": CommandPlace(
        "feeds:template", "Ghi bảng mẫu để điền / Write a workbook to fill in."
    ),
    "eligibility": CommandPlace(
        "eligibility:eligibility",
        "Sản phẩm nào được lên sàn, vì sao / Which products may be listed.",
    ),
    "expiring": CommandPlace(
        "worklists:expiring",
        "Giấy chứng nhận sắp hết hạn / Certificates that end soon.",
    ),
    "missing-papers": CommandPlace(
        "worklists:missing_papers", "Giấy tờ còn thiếu / Papers that are missing."
    ),
    "certificates": CommandPlace(
        "certificates:certificates",
        "Giấy chứng nhận của một sản phẩm / Certificates of a product.",
    ),
    "plan": CommandPlace(
        "plan:plan", "Xem trước, không ghi gì / Show what a sync would do."
    ),
    "sync": CommandPlace(
        "sync:sync", "Đồng bộ một lần / Keep marketplaces right, once."
    ),
    "reconcile": CommandPlace(
        "reconcile:reconcile", "Đọc toàn bộ, so và sửa / Read everything, and heal it."
    ),
    "worker": CommandPlace(
        "worker:worker", "Đồng bộ đều đặn / Keep marketplaces right, again and again."
    ),
    "cancel": CommandPlace(
        "cancel:cancel", "Hủy lần đồng bộ đang chạy / End a sync that is running."
    ),
    "runs": CommandPlace(
        "history:runs", "Các lần chạy đã gửi gì / Runs that have sent something."
    ),
    "ledger": CommandPlace(
        "history:ledger", "Ai gửi gì, lúc nào, vì sao / Who sent what, when, why."
    ),
    "status": CommandPlace("status:status", "Đang bán những gì / What is on sale."),
    "health": CommandPlace(
        "health:health", "Worker còn chạy không / Whether the worker lives."
    ),
    "held": CommandPlace(
        "held:held", "Những gì chờ người quyết định / What waits for a person."
    ),
    "drift": CommandPlace(
        "drift:drift", "Sai lệch trên sàn / What drifts at the marketplaces."
    ),
    "twins": CommandPlace("twins:twins", "Tin có thể trùng / Possible twins."),
    "mapping": CommandPlace(
        "mapping:mapping", "Bảng quy đổi của từng sàn / How products are shown there."
    ),
    "mock": CommandPlace(
        "mock:mock", "Chạy sàn mô phỏng / Serve a simulated marketplace."
    ),
    "marketplaces": CommandPlace(
        "marketplaces:marketplaces", "Các sàn đã cài / Marketplaces that are installed."
    ),
    "db": CommandPlace("database:db", "Cơ sở dữ liệu / The database."),
}


class Commands(MutableMapping[str, click.Command]):
    """The commands by name; each one is loaded when it is asked for."""

    def __init__(self, places: Mapping[str, CommandPlace] = PLACES) -> None:
        self._places = places
        self._loaded: dict[str, click.Command] = {}

    def __getitem__(self, name: str) -> click.Command:
        if name not in self._loaded:
            self[name] = load(self._places[name])
        return self._loaded[name]

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        del self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def words(self) -> list[tuple[str, str]]:
        """Return the name of each command and its purpose; loads none."""
        return [(name, self._places[name].words) for name in sorted(self)]


def load(place: CommandPlace) -> click.Command:
    """Return the command at *place*."""
    module, name = place.where.split(":")
    with no_garbage():
        found = import_module(f"ocop_sync.cli.{module}")
    command: click.Command = getattr(found, name)
    command.short_help = place.words
    return command


@contextmanager
def no_garbage() -> Iterator[None]:
    """Let Python look for no garbage among imported modules: they stay to the end.

    Neither now nor later: once when the command begins, and again when it ends, that
    would take a fifth of the time that a short command takes.
    """
    looks = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if looks:
            gc.enable()
