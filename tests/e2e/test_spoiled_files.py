"""Files with broken characters, as commands report them: never a traceback."""

import json

from tests.e2e.served import Desk
from tests.workbooks import opened

ROWS = [
    {"name": "Chè mẫu", "producer_name": "Cơ sở Mẫu 001"},
    {
        "name": "Gạo \ud800 mẫu",
        "producer_name": "Cơ sở \x00Mẫu 001",
        "\udfff": "\ufffe",
    },
]


def test_half_of_a_pair_is_its_cells_problem_in_every_output(desk: Desk) -> None:
    path, out = desk.folder / "hỏng.json", desk.folder / "loi.xlsx"
    path.write_text(json.dumps(ROWS), "utf-8")

    result = desk.run("import", str(path), "--annotate", str(out))
    report = desk.run_json("import", str(path))

    assert result.exit_code == 1
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert 'trường name "Gạo \ufffd mẫu"' in result.stderr
    assert report["totals"]["unchanged"] == 1
    assert [each["row"] for each in report["problems"] if each["row"]] == [2, 2]
    assert len(list(opened(out.read_bytes()).rows)) == 2
