"""Files of commands are for their owner alone, and never go through a link."""

import stat
from pathlib import Path

import pytest

from tests.e2e.served import Desk, good

WRITERS = {
    "export csv": ("export", "{}.csv"),
    "export xlsx": ("export", "{}.xlsx"),
    "export json": ("export", "{}.json"),
    "generate": ("generate", "{}.csv", "--count", "3"),
    "template": ("template", "--out", "{}.xlsx"),
    "annotate": ("import", "mau.csv", "--check", "--annotate", "{}.xlsx"),
    "plan": ("plan", "--out", "{}.json"),
    "expiring": ("expiring", "--out", "{}.xlsx"),
    "missing-papers": ("missing-papers", "--out", "{}.xlsx"),
    "mapping": ("mapping", "show", "voso", "--out", "{}.toml"),
}
FORCED = {"generate", "template"}
"""These write over a file only if they are told to."""


@pytest.fixture
def work(desk: Desk) -> Desk:
    desk.import_(good(1))
    desk.run("export", str(desk.folder / "mau.csv"))
    return desk


def test_what_commands_write_is_for_its_owner_alone(work: Desk) -> None:
    before = set(work.folder.iterdir())

    for name, words in WRITERS.items():
        path = name.replace(" ", "-")
        result = work.run(*(word.format(path) for word in words))
        assert result.exit_code == 0, (name, result.output)

    made = set(work.folder.iterdir()) - before
    assert len(made) == len(WRITERS)
    assert {stat.S_IMODE(path.stat().st_mode) for path in made} == {0o600}


def test_no_command_writes_through_a_link(work: Desk) -> None:
    target = work.folder / "cua-toi"
    target.write_text("mine")

    for name, words in WRITERS.items():
        for suffix in (".csv", ".json", ".xlsx", ".toml"):
            link = Path(f"{work.folder / name.replace(' ', '-')}{suffix}")
            link.symlink_to(target)
        forced = ("--force",) if name in FORCED else ()
        path = name.replace(" ", "-")
        result = work.run(*(word.format(path) for word in words), *forced)
        assert result.exit_code == 2, name
        assert "it is a link: name the file that it points to" in result.stderr

    assert target.read_text() == "mine"


def test_a_mapping_that_is_written_to_a_file_can_be_set_as_it_is(desk: Desk) -> None:
    file = str(desk.folder / "bang.toml")

    assert desk.run("mapping", "show", "voso", "--out", file).exit_code == 0

    result = desk.run("mapping", "set", "voso", file, "--by", "Ng. Văn A")
    assert "nothing to do" in result.stdout
