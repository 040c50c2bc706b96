"""Commands as people and machines use them, against both mock marketplaces.

The demonstration is in `test_demo.py`; the decisions of a sync are in
`tests/integration`.
"""

import json
import re
import sqlite3
import threading
import zipfile
from datetime import timedelta
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from catalog.model.paper import PaperKind
from catalog.vietnam_time import day_in_vietnam
from ocop_sync.cli import main
from ocop_sync.cli.app.app import Program
from ocop_sync.cli.app.group_beside import GroupBeside
from tests.e2e.served import SECRETS, Desk, good, today
from tests.factories import NOT_SO, make_certificate, make_paper

UNSAFE = (make_paper(PaperKind.FOOD_SAFETY, NOT_SO), make_paper(PaperKind.DECLARATION))


def paths(command: click.Command, *names: str) -> list[tuple[str, ...]]:
    """Return the words of every command below *command*."""
    if not isinstance(command, click.Group):
        return [names]
    below = [
        path
        for name, each in command.commands.items()
        for path in paths(each, *names, name)
    ]
    return [names, *below] if isinstance(command, GroupBeside) else below


COMMANDS = paths(main)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_the_help_of_a_command_shows_an_example(words: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, [*words, "--help"])

    assert result.exit_code == 0
    assert f"Ví dụ / Example: ocop-sync {' '.join(words)}" in result.output


def test_the_commands_are_those_that_are_promised() -> None:
    promised = (
        "demo, import, import list, import show, import undo, export, template,"
        " generate, eligibility, expiring, missing-papers,"
        " certificates show, certificates correct,"
        " certificates void, certificates restore,"
        " certificates grant, certificates reassess, certificates revoke,"
        " certificates undo, certificates list,"
        " certificates authority,"
        " plan, plan make, plan list, plan show, plan approve, plan refuse,"
        " plan carry-out, sync, worker, health, cancel, status, runs list, runs show,"
        " runs start, runs follow,"
        " runs cancel, ledger,"
        " held list, held show,"
        " held approve, held refuse, held retry, twins list, twins adopt, twins keep,"
        " twins other,"
        " reconcile, drift list, drift ours, drift theirs,"
        " mapping show, mapping set, mapping reset, mock, marketplaces list,"
        " marketplaces check, db upgrade, db current, db backup,"
        " db restored, db moved, backup, restore,"
        " audit list, audit head, audit verify,"
        " consent erase, consent erasures, consent give, consent withdraw,"
        " history, keys add, keys list, keys revoke, keys rotate, people add,"
        " people change, people disable, people enable, people erase,"
        " people list, people reset, people sessions, people sign-out,"
        " producers add, producers edit, producers list, producers show,"
        " products add, products add-pack, products move,"
        " producers link, producers links, producers void-link,"
        " products adjust, products count,"
        " products edit, products pause, products price, products resume,"
        " products stock-policy, serve"
        ", coverage, import report, import reports, marketplaces pause"
        ", marketplaces policy show, marketplaces policy set"
        ", marketplaces policy reset, marketplaces resume"
        ", pictures add, pictures list, pictures mark"
        ", pictures move, pictures order, pictures remove"
        ", products bulk, worklist, consent show, products list, products show"
        ", products why"
        ", notices list, notices show, notices retry, notices test"
        ", schedule add, schedule edit, schedule list, schedule pause, schedule remove"
        ", schedule resume, schedule run-now"
        ", papers list, papers add, papers correct, papers end, papers attest"
        ", adapter new"
        ", sheet call-off, sheet export, sheet import, sheet status"
    )

    assert {" ".join(words) for words in COMMANDS} == set(promised.split(", "))


def test_a_plan_writes_nothing(desk: Desk) -> None:
    desk.import_(good(1), good(2))
    before = (desk.folder / "ocop.db").read_bytes()

    plan = desk.run_json("plan")

    kinds = [each["kind"] for each in plan["marketplaces"]["postmart"]["changes"]]
    assert kinds.count("create") == 2
    assert desk.postmart.look("counts")["calls"] == {}
    assert (desk.folder / "ocop.db").read_bytes() == before


def test_a_plan_can_be_told_of_what_alone_it_is(desk: Desk) -> None:
    desk.import_(good(1), good(2))

    one = desk.run_json("plan", "--account", "postmart", "--product", "SP-00002")
    priced = desk.run_json("plan", "postmart", "--facet", "price", "--facet", "stock")
    made = desk.run_json("plan", "make", "--product", "SP-00001", "--by", "Lê B")
    shown = desk.run("plan", "show", str(made["id"]))
    wrong = desk.run("plan", "--product", "SP-00009")

    kinds = [each["kind"] for each in one["marketplaces"]["postmart"]["changes"]]
    assert kinds == ["put_seller", "create"]
    assert list(one["marketplaces"]) == ["postmart"]
    assert priced["marketplaces"]["postmart"]["changes"] == []
    assert made["products"] == ["SP-00001"]
    assert "chỉ / only sản phẩm / products: SP-00001" in shown.stdout
    assert "there is no product SP-00009" in wrong.stderr


def test_a_sync_lists_and_the_next_one_has_nothing_to_do(desk: Desk) -> None:
    desk.import_(good(1), good(2))
    first = desk.run("sync")
    writes = desk.postmart.writes

    second = desk.run("sync")

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert set(desk.postmart.ours()) == {"SP-00001", "SP-00002"}
    assert "không có gì phải làm / nothing to do" in second.stdout
    assert "nothing to do" not in first.stdout
    assert desk.postmart.writes == writes > 0


def test_a_full_sync_says_that_it_has_evaluated_everything(desk: Desk) -> None:
    desk.import_(good(1), good(2))
    desk.run("sync")

    full = desk.run("sync", "--full")

    assert full.exit_code == 0
    assert "đã xét lại mọi sản phẩm, theo yêu cầu / every product" in full.stdout


def test_status_tells_a_machine_what_is_on_sale(desk: Desk) -> None:
    desk.import_(good(1), good(2, paused=True), good(3, papers=()))
    desk.run("sync")

    status = desk.run_json("status")

    assert list(status) == [
        "as_of",
        "marketplaces",
        "read_ages",
        "not_withdrawn",
        "not_lowered",
        "unreadable",
        "unlike",
        "unusable",
        "oldest_count_at",
        "oldest_read_at",
        "accounts",
        "counts",
    ]
    figures = status["marketplaces"]["postmart"]
    assert figures["simulated"] is True
    assert {name: figures[name] for name in ("certified", "listable", "listed")} == {
        "certified": 3,
        "listable": 2,
        "listed": 1,
    }
    assert (figures["held"], figures["blocked"]) == (1, {"E15": 1})
    buckets = ("listed", "unconfirmed", "in_review", "refused", "held", "pending")
    assert sum(figures[name] for name in buckets) == figures["listable"]


def test_status_without_an_account_is_healthy(desk: Desk) -> None:
    desk.write_settings(postmart=False)

    result = desk.run("status", "--json")

    assert result.exit_code == 0
    assert json.loads(result.stdout)["marketplaces"] == {}


@pytest.mark.parametrize(
    "words",
    [
        ("plan",),
        ("sync",),
        ("status",),
        ("status", "--products"),
        ("held", "list"),
        ("marketplaces",),
    ],
    ids=" ".join,
)
def test_figures_of_a_simulated_marketplace_are_marked(
    desk: Desk, words: tuple[str, ...]
) -> None:
    desk.import_(good(1), good(2, papers=()))

    if words[0] == "held":
        desk.run("sync")
    result = desk.run(*words)

    assert "SỐ LIỆU MÔ PHỎNG" in result.stdout


@pytest.mark.parametrize(
    ("words", "named"),
    [
        pytest.param(("sync", "amazon"), "amazon", id="no such marketplace"),
        pytest.param(("import", "khong-co.csv"), "khong-co.csv", id="no such file"),
        pytest.param(("import", "sai.csv"), "UTF-8", id="not a feed"),
        pytest.param(("import", "sai.txt"), ".json", id="not a format"),
        pytest.param(
            ("import", "sai.csv", "--annotate", "ra.csv"), ".xlsx", id="no workbook"
        ),
        pytest.param(("export", "ra.txt"), ".xlsx", id="no export"),
        pytest.param(("export", "khong-co/ra.csv"), "khong-co", id="no such folder"),
        pytest.param(("eligibility", "--as-of", "hôm nay"), "hôm nay", id="no day"),
        pytest.param(("eligibility", "--sku", "SP-9"), "SP-9", id="no such SKU"),
        pytest.param(("eligibility", "--as-of", "9999-12-31"), "2090", id="far away"),
        pytest.param(
            ("generate", "a.csv", "--as-of", "0001-01-01"), "2000", id="long ago"
        ),
        pytest.param(("generate", "mau.json"), ".csv", id="no CSV"),
        pytest.param(("worker", "--every", "0s"), "0s", id="no time"),
        pytest.param(("sync", "--follow", "nan"), "nan", id="no number"),
        pytest.param(("sync", "--follow", "1e300"), "86400", id="no wait"),
        pytest.param(
            ("mock", "voso", "--data", "sai.txt/x"), "không đọc", id="no place"
        ),
        pytest.param(("demo", "--folder", "sai.txt/x"), "sai.txt", id="no folder"),
        pytest.param(("twins", "adopt", "7", "--by", "A"), "7", id="no such twin"),
        pytest.param(("twins", "adopt", "9" * 30, "--by", "A"), "'ID'", id="no twin"),
        pytest.param(
            ("held", "approve", "7", "--by", "A", "--reason", "B"), "7", id="no group"
        ),
        pytest.param(
            ("held", "refuse", "9" * 30, "--by", "A", "--reason", "B"),
            "'ID'",
            id="no number of a group",
        ),
    ],
)
def test_wrong_input_is_named_with_exit_code_2(
    desk: Desk, words: tuple[str, ...], named: str
) -> None:
    Path("sai.csv").write_bytes(b"name\n\x9d\n")
    Path("sai.txt").write_bytes(b"%PDF-1.7")

    result = desk.run(*words)

    assert result.exit_code == 2
    assert named in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("more", "named"),
    [
        pytest.param("rules.lenient = true", "rules.lenient", id="no such setting"),
        pytest.param("sync.concurrency = 0", "sync.concurrency", id="out of range"),
        pytest.param("rules.folder = 'khong-co'", "E00.toml", id="no rules"),
        pytest.param(
            "[[accounts]]\nkey='a'\nmarketplace='b'\nbase_url='http://c'",
            "'b'",
            id="no such marketplace",
        ),
        pytest.param(
            "[[accounts]]\nkey='a'\nmarketplace='voso'\nbase_url='http://127.0.0.1:1'",
            "seller_ref",
            id="an account for nobody",
        ),
        pytest.param(
            "[[accounts]]\nkey='a'\nmarketplace='voso'\nseller_ref='CS-1'\n"
            "base_url='http://voso.example'",
            "tài khoản a",
            id="a simulated marketplace elsewhere",
        ),
    ],
)
def test_a_wrong_setting_is_named_with_exit_code_2(
    desk: Desk, more: str, named: str
) -> None:
    desk.write_settings(more=more, postmart=False)

    result = desk.run("status")

    assert result.exit_code == 2
    assert named in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("url", "named"),
    [
        pytest.param("sqlite://", "sqlite:///FILE", id="no file"),
        pytest.param("sqlite:///khong/co.db", "file khong/co.db", id="no folder"),
        pytest.param("postgresql+asyncpg://u:mat-khau-4711@[::1", "URL", id="no port"),
    ],
)
def test_a_database_that_cannot_be_opened_is_named_without_its_password(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, url: str, named: str
) -> None:
    monkeypatch.setenv("OCOP_SYNC_DATABASE__URL", url)

    result = desk.run("status")

    assert result.exit_code == 2
    assert named in result.stderr
    assert "4711" not in result.output
    assert "Traceback" not in result.output


def test_a_settings_file_that_is_not_there_is_named(desk: Desk) -> None:
    desk.settings.unlink()

    result = desk.run("status")

    assert result.exit_code == 2
    assert "không có tệp thiết lập này / no such settings file" in result.stderr


def test_ctrl_c_ends_a_command_as_shells_expect() -> None:
    program = Program("ocop-sync")

    @program.command()
    def wait() -> None:
        raise KeyboardInterrupt

    result = CliRunner().invoke(program, ["wait"])

    assert result.exit_code == 130
    assert result.stderr == "Đã dừng / Stopped\n"


def test_a_missing_secret_stops_its_account_alone_and_is_never_shown(
    desk: Desk,
) -> None:
    desk.write_settings(producers=["CS-0001"])
    desk.import_(good(1))

    result = desk.run("sync", secrets={**SECRETS, "THU_POSTMART_CLIENT_SECRET": ""})

    assert result.exit_code == 1
    assert "THU_POSTMART_CLIENT_SECRET" in result.stdout
    assert "nothing to do" not in result.stdout
    assert "Traceback" not in result.output
    assert set(desk.voso.ours()) == {"SP-00001"}
    assert not any(value in result.output for value in SECRETS.values())


def test_a_missing_secret_of_the_only_account_ends_with_exit_code_2(
    desk: Desk,
) -> None:
    desk.import_(good(1))

    result = desk.run("sync", secrets={**SECRETS, "THU_POSTMART_CLIENT_SECRET": ""})

    assert result.exit_code == 2
    assert (
        "secrets.client_secret: biến/variable THU_POSTMART_CLIENT_SECRET"
        in result.stdout
    )
    assert "Sửa thiết lập được nêu" in result.stdout


def test_a_marketplace_that_is_not_reached_is_no_matter_of_credentials(
    desk: Desk,
) -> None:
    desk.import_(good(1))
    text = desk.settings.read_text("utf-8")
    away = re.sub(r"http://127.0.0.1:\d+", "http://127.0.0.1:9", text)
    once = "\n[retry]\nattempts = 1\n"  # it waits by the real clock
    desk.settings.write_text(away + once, "utf-8")

    result = desk.run("sync")

    assert result.exit_code == 1
    assert "nobody listens there" in result.stdout
    assert "kiểm tra mạng của máy này và `base_url`" in result.stdout
    assert "mật khẩu, khóa" not in result.stdout


def test_credentials_that_are_refused_are_named_with_where_they_are_kept(
    desk: Desk,
) -> None:
    desk.import_(good(1))
    runner = CliRunner(env={**SECRETS, "THU_POSTMART_CLIENT_SECRET": "mot-khoa-khac"})

    result = runner.invoke(main, ["--settings", str(desk.settings), "sync"])

    said = " ".join(result.stdout.split())
    assert result.exit_code == 1
    assert "client_secret: biến/variable THU_POSTMART_CLIENT_SECRET" in said
    assert "mot-khoa-khac" not in result.output


def test_a_refusal_ends_the_sync_that_it_comes_in_with_exit_code_1(desk: Desk) -> None:
    desk.import_(good(1), good(2, description="Thần dược."))

    first, second = desk.run("sync"), desk.run("sync")

    assert (first.exit_code, second.exit_code) == (1, 0)
    assert desk.postmart.ours()["SP-00002"]["state"] == "refused"
    assert "Nội dung có từ bị cấm" in desk.run("status", "--products").stdout


def test_an_account_that_is_of_no_use_ends_with_exit_code_1(desk: Desk) -> None:
    desk.import_(good(1))
    desk.run("sync")
    desk.postmart.post("faults", operation="*", fault="unauthorized", count=100)
    desk.import_(good(1, description="Măng khô, bản mới."))

    result = desk.run("sync")

    assert result.exit_code == 1
    assert "postmart: dừng / stopped" in result.stdout


def test_a_possible_twin_is_taken_over_by_a_persons_word(desk: Desk) -> None:
    desk.write_settings(producers=["CS-0001"], postmart=False)
    made = desk.voso.post(
        "hand_made", code="CS-0001", names=["Măng khô Mẫu 1"], skus=["KHO-1"]
    )
    desk.import_(good(1))
    desk.run("sync")

    twin = desk.run_json("twins", "list")["twins"][0]
    writes = desk.voso.look("counts")["listings"]
    said = desk.run("twins", "adopt", str(twin["id"]), "--by", "Phòng Mẫu").stdout
    desk.run("sync")

    assert twin["ref"] == made["refs"][0]
    assert f"(SP-00001; voso:CS-0001, {twin['ref']}: Măng khô Mẫu 1)" in said
    assert desk.voso.look("counts")["listings"] == writes == 1


def test_of_two_listings_of_ours_a_person_says_which_one_stays(desk: Desk) -> None:
    desk.write_settings(producers=["CS-0001"], postmart=False)
    desk.voso.post("faults", operation="save_products", fault="twice")
    desk.import_(good(1))
    desk.run("sync")
    found = desk.run("reconcile")

    [row] = desk.run_json("twins", "list")["doubled"]
    shown = desk.run("twins", "list").stdout
    synced = desk.run_json("sync")
    stays, [other] = row["stays"]["ref"], row["others"]
    said = desk.run("twins", "keep", "SP-00001", "--ref", stays, "--by", "Phòng Mẫu")
    desk.run("sync")

    rows = desk.voso.look("state")["listings"]
    assert found.exit_code == said.exit_code == 0
    assert all(ref in shown for ref in (stays, other["ref"], "SP-00001"))
    assert synced["doubled"] == {"voso": ["SP-00001"]}
    assert synced["look_ups"]["voso:CS-0001"]["left"] == 1
    assert f"giữ tin {stays}" in said.stdout
    states = {each["ref"]: each["state"] for each in rows}
    assert (states[stays], states[other["ref"]]) == ("live", "down")


def test_twins_are_offered_the_likeliest_first_until_all_are_another(
    desk: Desk,
) -> None:
    desk.write_settings(producers=["CS-0001"], postmart=False)
    names = ["MANG KHO 1 MAU - nha lam rat ngon", "Măng khô Mẫu 1", "Bánh gai mẫu"]
    made = desk.voso.post("hand_made", code="CS-0001", names=names)["refs"]
    desk.import_(good(1))
    desk.run("sync")

    listed = desk.run_json("twins", "list")
    shown = desk.run("twins", "list").stdout
    for each in listed["twins"]:
        done = desk.run("twins", "other", str(each["id"]), "--by", "Phòng Mẫu")
        assert done.exit_code == 0
    before = desk.voso.look("counts")["listings"]
    desk.run("sync")

    assert listed["simulated"] is True
    assert [each["ref"] for each in listed["twins"]] == [made[1], made[0]]
    first, second = listed["twins"]
    assert (first["score"], first["agrees_on"]) == (100, ["name", "maker"])
    assert first["product_name"] == "Măng khô Mẫu 1"
    assert first["producer_name"] == "Cơ sở Mẫu 001"
    assert first["score"] > second["score"] >= 70
    assert "SP-00001 Măng khô Mẫu 1 (Cơ sở Mẫu 001)" in " ".join(shown.split())
    assert "tên / name, cơ sở / maker, 100/100" in " ".join(shown.split())
    assert desk.voso.look("counts")["listings"] == before + 1
    assert desk.run_json("twins", "list")["twins"] == []


def test_a_listing_with_our_sku_in_the_producer_s_shop_needs_nobody(
    desk: Desk,
) -> None:
    desk.write_settings(producers=["CS-0001"], postmart=False)
    desk.voso.post("hand_made", code="CS-0001", names=["Hàng lạ"], skus=["SP-00001-1"])
    desk.import_(good(1))

    desk.run("sync")

    assert desk.run_json("twins", "list")["twins"] == []
    assert desk.voso.look("counts")["listings"] == 1


def test_an_empty_list_of_twins_says_that_the_marketplace_is_simulated(
    desk: Desk,
) -> None:
    found = desk.run_json("twins", "list")

    assert found == {"simulated": True, "twins": [], "doubled": []}


def test_a_living_run_is_named_and_left_alone(desk: Desk) -> None:
    desk.import_(good(1))
    desk.run("sync")
    desk.import_(good(1, description="Măng khô, bản mới."))
    writes, held, stop = desk.postmart.writes, threading.Event(), threading.Event()
    args = (desk.folder / "ocop.db", held, stop)
    thread = threading.Thread(target=renew, args=args)
    desk.time.is_real = True  # the other run lives by the real clock
    thread.start()
    assert held.wait(10)

    result = desk.run("sync")
    stop.set()
    thread.join()

    assert result.exit_code == 1
    assert "máy khác, pid 4711" in result.stderr
    assert "ocop-sync cancel" in result.stderr
    assert desk.postmart.writes == writes


def renew(database: Path, held: threading.Event, stop: threading.Event) -> None:
    """Hold the lease of the account, and renew it like a run that lives."""
    connection = sqlite3.connect(database, timeout=10)
    while not stop.wait(0.05 if held.is_set() else 0):
        until = (today() + timedelta(seconds=60)).replace(tzinfo=None)
        with connection:
            connection.execute(
                "UPDATE account SET holder = ?, token = ?, lease_until = ?",
                ("máy khác, pid 4711", "khác", until.isoformat(" ")),
            )
        held.set()
    connection.close()


def test_an_import_that_is_held_goes_in_once_it_is_confirmed(desk: Desk) -> None:
    desk.import_(*[good(n) for n in range(1, 13)])
    sheet = [good(n, description="Khác") for n in range(1, 13)]
    file = str(desk.write_catalog(*sheet))

    held = desk.run("import", file)
    report = desk.run_json("import", file, "--check")
    alone = desk.run("import", file, "--confirm", report["token"])
    through = desk.run("import", file, "--confirm", report["token"], "--by", "Bà Mẫu")
    again = desk.run("import", file)

    assert (held.exit_code, alone.exit_code) == (3, 2)
    assert "CHƯA GHI GÌ / NOTHING WAS WRITTEN" in held.stdout
    assert "12 trên 12" in held.stderr
    assert f"--confirm {report['token']}" in held.stderr
    assert report["held"][0]["column"] == "description"
    assert (through.exit_code, again.exit_code) == (0, 0)
    assert "nothing to do" in again.stdout


def test_a_doubtful_price_is_a_question_and_a_bad_row_is_not(desk: Desk) -> None:
    desk.import_(good(1), good(2))
    path = desk.write_catalog(good(1), good(2))
    text = path.read_text("utf-8-sig")
    path.write_text(text.replace(",45000,", ",45,", 1), "utf-8")
    asked = desk.run("import", str(path))
    path.write_text(text.replace(",45000,", ",?,", 1), "utf-8")
    wrong = desk.run("import", str(path))

    assert (asked.exit_code, wrong.exit_code) == (3, 1)
    assert "giá dưới 1000 đồng" in asked.stderr


def test_all_that_waits_is_one_list_with_counts(desk: Desk) -> None:
    desk.import_(good(1), good(3, papers=UNSAFE))
    desk.run("sync")

    whole = desk.run("worklist").stdout
    counts = desk.run("worklist", "--limit", "0").stdout

    assert "1  thiếu giấy tờ" in counts
    assert "SP-00003" not in counts
    assert "more (--limit, --json)" in counts
    assert "SP-00003" in whole
    assert "SỐ LIỆU MÔ PHỎNG" in whole
    assert "SP-00003" in desk.run("worklist", "--kind", "paper_blocks").stdout
    for narrow in (("--today",), ("--producer", "CS-0001"), ("--commune", "06733")):
        assert "SP-00003" not in desk.run("worklist", *narrow).stdout


@pytest.mark.parametrize(
    ("option", "of"),
    [("--marketplace", "vozo"), ("--producer", "CS-9999"), ("--commune", "99999")],
)
def test_a_name_that_is_wrong_is_told_and_not_that_nothing_waits(
    desk: Desk, option: str, of: str
) -> None:
    desk.import_(good(1))

    found = desk.run("worklist", option, of)

    assert found.exit_code == 2
    assert of in found.stderr


def test_worklists_say_what_ends_and_what_lacks_also_as_workbooks(desk: Desk) -> None:
    decided = day_in_vietnam(today()) - timedelta(days=3 * 365 - 20)
    ends = good(2, certificates=(make_certificate(decided_on=decided),))
    desk.import_(good(1), ends, good(3, papers=UNSAFE))

    ending = desk.run_json("expiring", "--days", "40")
    lacking = desk.run_json("missing-papers")
    shown = desk.run("expiring", "--days", "40")
    none = desk.run("expiring", "--days", "0")
    file = desk.folder / "thieu.xlsx"
    written = desk.run("missing-papers", "--out", str(file))
    table = desk.folder / "thieu.csv"
    desk.run("missing-papers", "--out", str(table))
    wrong = desk.run("missing-papers", "--out", str(file.with_suffix(".pdf")))

    assert [each["product"] for each in ending["rows"]] == ["SP-00002"]
    assert [(e["product"], e["state"]) for e in lacking["rows"]] == [
        ("SP-00003", "missing")
    ]
    assert "SP-00002" in shown.stdout
    assert "nothing to do" in none.stdout
    assert "1 dòng / rows" in written.stdout
    texts = zipfile.ZipFile(file).read("xl/worksheets/sheet1.xml").decode()
    assert "<t>SP-00003-1</t>" in texts
    assert ",SP-00003-1," in table.read_text("utf-8-sig")
    assert "<t>Thời điểm xuất</t>" in texts
    assert f"<t>{day_in_vietnam(today()):%Y-%m-%d}T" in texts
    assert wrong.exit_code == 2
