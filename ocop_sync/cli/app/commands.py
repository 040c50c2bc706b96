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


_WORDS: Final = {
    "demo": "Chạy thử với hai sàn mô phỏng / Try it on two simulated marketplaces.",
    "import": "Nạp danh mục từ tệp / Take a catalog in from a file.",
    "export": "Ghi danh mục ra tệp / Write the catalog to a file.",
    "generate": "Tạo danh mục mẫu / Make up a fictitious catalog.",
    "template": "Ghi bảng mẫu để điền / Write a workbook to fill in.",
    "eligibility": "Sản phẩm nào được lên sàn, vì sao / Which products may be listed.",
    "expiring": "Giấy chứng nhận sắp hết hạn / Certificates that end soon.",
    "missing-papers": "Giấy tờ còn thiếu / Papers that are missing.",
    "worklist": "Mọi việc chờ người / All that waits for a person.",
    "certificates": "Giấy chứng nhận của một sản phẩm / Certificates of a product.",
    "papers": "Giấy tờ của sản phẩm, cơ sở / Papers of products and producers.",
    "consent": "Sự đồng ý của cơ sở, xóa dữ liệu / Consent of producers, erasures.",
    "products": "Sản phẩm: thêm, sửa, giá, kho / Products: values, price, stock.",
    "pictures": "Ảnh của một sản phẩm / Pictures of a product.",
    "plan": "Xem trước, không ghi gì / Show what a sync would do.",
    "sync": "Đồng bộ một lần / Keep marketplaces right, once.",
    "reconcile": "Đọc toàn bộ, so và sửa / Read everything, and heal it.",
    "worker": "Đồng bộ đều đặn / Keep marketplaces right, again and again.",
    "schedule": "Việc chạy vào giờ hẹn / Work at set times.",
    "serve": "API và đồng bộ bằng một lệnh / The API and the worker by one command.",
    "cancel": "Hủy lần đồng bộ đang chạy / End a sync that is running.",
    "runs": "Các lần chạy đã đọc, đã gửi / Runs that read or sent something.",
    "ledger": "Ai gửi gì, lúc nào, vì sao / Who sent what, when, why.",
    "history": "Từng thay đổi của một sản phẩm / Each change of a product.",
    "audit": "Ai đã làm gì, sổ còn nguyên không / Who did what, untouched or not.",
    "status": "Đang bán những gì / What is on sale.",
    "coverage": "Số liệu lên sàn của từng ngày / How much is on sale, on any day.",
    "notices": "Thông báo đã và sẽ gửi / Notices that were and will be sent.",
    "health": "Worker còn chạy không / Whether the worker lives.",
    "held": "Những gì chờ người quyết định / What waits for a person.",
    "drift": "Sai lệch trên sàn / What drifts at the marketplaces.",
    "twins": "Tin có thể trùng / Possible twins.",
    "mapping": "Bảng quy đổi của từng sàn / How products are shown there.",
    "people": "Những ai được đăng nhập / People who may sign in.",
    "keys": "Khóa cho phần mềm khác / Keys of programs.",
    "producers": "Cơ sở, liên kết đăng nhập / Producers, and their links.",
    "sheet": "Sàn do người làm, bằng bảng tính / Marketplaces worked by people.",
    "mock": "Chạy sàn mô phỏng / Serve a simulated marketplace.",
    "marketplaces": "Các sàn đã cài / Marketplaces that are installed.",
    "adapter": "Viết phần nối cho một sàn / Write an adapter.",
    "backup": "Giữ bản sao khi đang chạy / Keep a copy while it runs.",
    "restore": "Đưa bản sao trở lại / Put a copy back.",
    "db": "Cơ sở dữ liệu / The database.",
}
"""Every command, with its purpose."""

_ELSEWHERE: Final = {
    "import": "imports:imports",
    "plan": "plans:plans",
    "export": "feeds:export",
    "template": "feeds:template",
    "expiring": "ends_and_papers:expiring",
    "missing-papers": "ends_and_papers:missing_papers",
    "runs": "history:runs",
    "ledger": "history:ledger",
    "history": "timeline:history",
    "backup": "backups:backup",
    "restore": "backups:restore",
    "db": "database:db",
}
"""The commands that are not found in a module of their own name, under that name."""

PLACES: Final[Mapping[str, CommandPlace]] = {
    name: CommandPlace(_ELSEWHERE.get(name, f"{name}:{name}"), words)
    for name, words in _WORDS.items()
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
