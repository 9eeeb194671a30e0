"""The store: what goes in comes out, revisions, decisions, status, older and newer files."""

from __future__ import annotations

import gzip
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hand_made import filled
from hypothesis import given, settings
from hypothesis import strategies as st
from returns_kept import NAN, figure, problem, problems, returned, with_suspect

from mttq_data.errors import MttqError
from mttq_data.returns.reading import read_returns
from mttq_data.store import schema as store_schema
from mttq_data.store.rows import OBSERVATION_COLUMNS, cell_name, packed_cell
from mttq_data.store.store import Store

SECOND_FORM = Path(__file__).parent / "data" / "second_form"
DECIDED = {"by": "Lan", "why": "hỏi lại xã"}


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "Số liệu huyện" / "kho số liệu #1?.sqlite")


def add(store, frame=None, content=b"one", name="luc-nam.xlsx", found=None, **more):
    frame = returned() if frame is None else frame
    return store.add(frame, problems() if found is None else found, content, name, **more)


def test_what_goes_in_comes_out_in_the_columns_of_the_contract(store):
    rows = [
        figure(value=5142.0, raw="5.142", status="repaired"),
        figure(value=2.67, raw="2,67%", indicator="poverty_rate", measure="cumulative", unit="percent"),
        figure(value=NAN, low=NAN, high=NAN, qualifier="", status="missing", raw=""),
        figure(value=NAN, low=2.0, high=3.0, qualifier="", status="ok", raw="02-03", cell="'Quý 4'!AB12"),
        figure(value=250e6, low=250e6, high=NAN, qualifier="gt", raw="trên 250", unit="VND"),
        figure(value=-0.1 - 0.2, raw="=1+1", cell="biểu!A1:B2"),
    ]
    add(store, pd.DataFrame(rows))
    kept = store.observations()
    assert tuple(kept.columns) == OBSERVATION_COLUMNS
    assert set(kept["source"]) == {"luc-nam.xlsx"}
    assert kept["sha256"].str.len().unique() == [64]
    columns = [c for c in OBSERVATION_COLUMNS if c not in ("source", "sha256", "revision", "suggestion")]
    pd.testing.assert_frame_equal(kept[columns], pd.DataFrame(rows)[columns], check_dtype=False)


NUMBERS = st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False))
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@settings(max_examples=20)
@given(rows=st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS, TEXTS, TEXTS), min_size=1, max_size=40))
def test_any_figure_comes_back_as_it_was(tmp_path_factory, rows):
    store = Store(tmp_path_factory.mktemp("any") / "a.sqlite")
    names = ("value", "low", "high", "raw", "cell")
    add(store, pd.DataFrame([figure(**dict(zip(names, row, strict=True))) for row in rows]))
    back = store.observations()[list(names)].astype(object)
    assert list(back.where(back.notna(), None).itertuples(index=False, name=None)) == rows


@pytest.mark.parametrize("cell", ["A1", "Sheet1!A1", "S!XFD1048576", "a!b!ZZ9", "S!XFE1", "S!A0", "S!A01", "", "S!"])
def test_cells_are_packed_without_loss(cell):
    assert cell_name(*packed_cell(cell)) == cell


def test_loading_a_file_again_changes_nothing(store):
    assert add(store)["state"].tolist() == ["new"]
    before = store.audit()
    assert add(store, name="other name.xlsx")["state"].tolist() == ["known"]
    pd.testing.assert_frame_equal(store.audit(), before)
    assert len(store.observations()) == 9


def test_a_changed_file_is_a_new_revision_and_the_old_one_stays_readable(store):
    add(store, returned(factor=1), b"one", "luc-nam.xlsx", received="2025-01-05")
    add(store, returned(factor=2), b"two", "luc-nam-sua.xlsx", received="2025-01-12")
    assert store.revisions()[["revision", "state", "source"]].values.tolist() == [
        [1, "superseded", "luc-nam.xlsx"],
        [2, "current", "luc-nam-sua.xlsx"],
    ]
    assert store.observations()["value"].sum() == 2 * store.observations(revision=1)["value"].sum()
    assert store.observations(revision="all")["revision"].tolist() == [1] * 9 + [2] * 9
    assert [store.original(sha) for sha in store.revisions()["sha256"]] == [b"one", b"two"]


def test_a_file_with_several_districts_is_a_return_of_each(store):
    frame = pd.concat([returned("218"), returned("217", sheet="Yên Thế")[:2]], ignore_index=True)
    found = problems(problem(area="217", where="Yên Thế!D9"), problem(area="", period="", where="Yên Thế!A1"))
    added = add(store, frame, found=found)
    assert sorted(added["area"]) == ["217", "218"]
    assert len(store.observations(area="217")) == 2
    assert store.problems(area="217")["where"].tolist() == ["Yên Thế!D9"]


def test_figures_of_communes_stand_in_the_return_of_their_district(store, monkeypatch):
    monkeypatch.setenv("MTTQ_CODES", str(SECOND_FORM))
    communes = pd.DataFrame([figure(area=code, form="grassroots") for code in ("07444", "07450", "218")])
    assert add(store, communes)["area"].tolist() == ["218"]
    assert sorted(store.observations(area="218")["area"]) == ["07444", "07450", "218"]


def test_after_the_merger_a_commune_sends_its_own_return(store):
    added = add(store, pd.DataFrame([figure(area="07444", period="2025-Q4")]))
    assert added["area"].tolist() == ["07444"]


@pytest.mark.parametrize(
    ("asked", "rows"),
    [
        ({"period": "2024-q4"}, 18),
        ({"period": ["2024-Q3", "2024-Q4"], "area": "218"}, 18),
        ({"indicator": "poverty_rate"}, 9),
        ({"indicator": ["poverty_rate", "poor_households"], "form": "front_work", "period": "2024-Q3"}, 6),
        ({"form": "another"}, 0),
        ({"area": []}, 0),
    ],
)
def test_observations_can_be_chosen(store, asked, rows):
    for number, (area, period) in enumerate([("218", "2024-Q3"), ("218", "2024-Q4"), ("217", "2024-Q4")]):
        add(store, returned(area, period), bytes([number]))
    frame = store.observations(**asked)
    assert len(frame) == rows
    assert tuple(frame.columns) == OBSERVATION_COLUMNS
    assert frame["area"].dtype == store.observations()["area"].dtype


def test_an_accepted_value_counts_and_the_acceptance_can_be_undone(store):
    frame, found = with_suspect()
    add(store, frame, found=found)
    suspects = store.suspects()
    assert suspects[["value", "raw", "cell"]].values.tolist() == [[5142.0, "5.142", "Biểu 01!E9"]]
    (event,) = store.accept(suspects, by="Lan", why="đúng là 5.142 hộ")
    assert store.suspects().empty
    row = store.observations()[lambda f: f["status"] == "accepted"].iloc[0]
    assert row[["value", "raw"]].tolist() == [5142.0, "5.142"]
    assert store.observations(decided=False)["status"].tolist().count("suspect") == 1
    assert store.problems()["settled"].tolist() == [True, False]
    store.undo(event, by="Minh", why="nhầm")
    assert len(store.suspects()) == 1
    assert not store.problems()["settled"].any()


@pytest.mark.parametrize(
    ("found", "said", "told", "suggested"),
    [
        ({"value": 1.7, "raw": "1.7"}, "lost_thousands", "1700", 1700),
        ({"value": 2.873e15, "raw": "2873000000", "unit": "VND"}, "money_unit", "2873", 2.873e9),
        ({"value": NAN, "raw": "(38)"}, "sign", "38", 38),
        ({"value": NAN, "raw": "(38)", "indicator": "fund_for_the_poor_raised"}, "sign", "38", 38e6),
        ({"value": 134.0, "raw": "134"}, "total", "125", NAN),
        ({"value": 5.142e9, "raw": "5.142", "indicator": "poverty_rate"}, "range", "5.142", 5.142),
    ],
)
def test_a_suspect_value_comes_with_what_it_more_likely_is_in_its_unit(store, found, said, told, suggested):
    row = {"status": "suspect", "cell": "Biểu 01!E30", "indicator": "tet_gifts"} | found
    wrong = problem(said, where="Biểu 01!E30", expected=told)
    add(store, pd.DataFrame([figure(), figure(**row)]), found=problems(wrong))
    suspect = store.suspects().iloc[0]
    assert suspect["suggestion"] == pytest.approx(suggested, nan_ok=True)
    store.accept(suspect["id"], **DECIDED)
    accepted = store.observations().iloc[-1]
    right = suspect["value"] if pd.isna(suggested) else suggested
    assert accepted[["status", "value", "low", "high"]].tolist() == ["accepted", right, right, right]
    assert store.observations()["suggestion"].isna().all()


def test_suggestions_of_the_sample_returns(store, root):
    store.load([root / "data/raw/returns" / f"sample-2024-{name}.xlsx" for name in
                ("Q3-215-yen-the", "Q3-217-lang-giang", "Q3-222-viet-yen", "Q4-213-bac-giang")])  # fmt: skip
    suspects = store.suspects()
    suggested = suspects[suspects["suggestion"].notna()]
    assert dict(zip(suggested["cell"], suggested["suggestion"], strict=True)) == pytest.approx(
        {"Số liệu!E26": 1700, "Số liệu!E28": 2.67, "Số liệu!E65": 38, "Số liệu!E24": 2873e6, "Số liệu!F24": 11247e6}
    )


def test_a_refused_value_is_missing_and_keeps_what_stood_there(store):
    frame, found = with_suspect()
    add(store, frame, found=found)
    store.refuse(store.suspects()["id"].iloc[0], **DECIDED)
    row = store.observations().iloc[-1]
    assert (row["status"], row["raw"]) == ("missing", "5.142")
    assert row[["value", "low", "high"]].isna().all()


def test_another_value_can_be_accepted_and_the_last_word_counts(store):
    frame, found = with_suspect(value=NAN, low=NAN, high=NAN)
    add(store, frame, found=found)
    (name,) = store.suspects()["id"]
    with pytest.raises(MttqError, match="no value is suggested"):
        store.accept(name, **DECIDED)
    store.accept(name, value=5124, **DECIDED)
    (refused,) = store.refuse(name, **DECIDED)
    assert store.observations()["status"].iloc[-1] == "missing"
    store.undo(refused, **DECIDED)
    row = store.observations().iloc[-1]
    assert row[["value", "low", "high", "qualifier", "status"]].tolist() == [5124, 5124, 5124, "exact", "accepted"]


def test_a_withdrawn_revision_gives_way_to_the_one_before_until_that_is_undone(store):
    add(store, returned(factor=1), b"one")
    add(store, returned(factor=2), b"two")
    event = store.withdraw("218", "2024-Q4", **DECIDED)
    assert store.revisions()["state"].tolist() == ["current", "withdrawn"]
    assert set(store.observations()["revision"]) == {1}
    assert add(store, returned(factor=2), b"two")["state"].tolist() == ["withdrawn"]
    store.withdraw("218", "2024-Q4", **DECIDED)
    assert store.observations().empty
    store.undo(event, **DECIDED)
    assert set(store.observations()["revision"]) == {2}
    add(store, returned(factor=3), b"three")
    assert store.revisions()["revision"].tolist() == [1, 2, 3]


def test_a_return_without_a_sure_figure_does_not_take_the_place_of_a_good_one(store):
    add(store, returned(), b"good", received="2025-01-05")
    doubtful = returned(factor=7, status="suspect")
    assert add(store, doubtful, b"whose?", "Hiệp Hòa.xlsx", received="2025-01-06")["state"].tolist() == ["doubtful"]
    assert store.revisions()["state"].tolist() == ["current", "doubtful"]
    assert set(store.observations()["revision"]) == {1}
    assert len(store.suspects()) == 9
    (event,) = store.accept(store.suspects()["id"].iloc[0], **DECIDED)
    assert store.revisions()["state"].tolist() == ["superseded", "current"]
    store.undo(event, **DECIDED)
    store.withdraw("218", "2024-Q4", **DECIDED)
    assert store.revisions()["state"].tolist() == ["withdrawn", "current"]


def test_the_audit_trail_says_who_when_and_why(store):
    frame, found = with_suspect()
    add(store, frame, found=found, by="An")
    (event,) = store.accept(store.suspects(), by="Lan", why="gọi điện")
    store.undo(event, by="Minh", why="nhầm")
    store.withdraw("218", "2024-Q4", by="Hoa", why="gửi nhầm")
    trail = store.audit()
    assert trail[["action", "by", "why"]].values.tolist() == [
        ["load", "An", ""],
        ["accept", "Lan", "gọi điện"],
        ["undo", "Minh", "nhầm"],
        ["withdraw", "Hoa", "gửi nhầm"],
    ]
    assert trail["undone_by"].tolist() == [pd.NA, 3, pd.NA, pd.NA]
    assert trail["at"].dt.tz is not None
    assert trail.loc[1, ["area", "period", "indicator", "measure"]].tolist() == [
        "218", "2024-Q4", "poor_households", "period",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda s: s.accept("1.0", **DECIDED), "only suspect"),
        (lambda s: s.accept("1.99", **DECIDED), "no such value"),
        (lambda s: s.accept("abc", **DECIDED), "names no suspect value"),
        (lambda s: s.accept([], **DECIDED), "no suspect value was named"),
        (lambda s: s.accept(["1.9", "1.0"], **DECIDED), "only suspect"),
        (lambda s: s.accept(["1.9", "1.8"], value=1, **DECIDED), "one value given"),
        (lambda s: s.accept("1.9", by=" ", why="x"), "by is empty"),
        (lambda s: s.accept("1.9", by=None, why="x"), "by is empty"),
        (lambda s: s.accept("1.9", value=NAN, **DECIDED), "nan is no number"),
        (lambda s: s.accept("1.9", value="5.142", **DECIDED), "'5.142' is no number"),
        (lambda s: s.undo(10**30, **DECIDED), "no event"),
        (lambda s: s.refuse("1.9", by="Lan", why=""), "why is empty"),
        (lambda s: s.withdraw("218", "2024-Q4", by="Lan", why=""), "why is empty"),
        (lambda s: s.withdraw("218", "2024-Q3", **DECIDED), "there is none"),
        (lambda s: s.withdraw("218", "2024-Q4", revision=7, **DECIDED), r"no revision 7 .* 1 \(current\)"),
        (lambda s: s.withdraw("218", "nonsense", **DECIDED), "is no period"),
        (lambda s: s.undo(1, **DECIDED), "withdraw undoes a load"),
        (lambda s: s.undo(77, **DECIDED), "no event 77"),
        (lambda s: s.original("zz"), "no file with checksum"),
        (lambda s: s.observations(revision="newest"), "give 'current'"),
        (lambda s: s.add(returned()[:0], problems(), b"", "leer.xlsx"), "leer.xlsx: holds no figure"),
        (lambda s: s.add(returned(), problems(), b"x", "a.xlsx", received="soon"), "a.xlsx: 'soon' is no day"),
        (lambda s: s.status("no_form", "2024-Q4"), "no form 'no_form'"),
    ],
)
def test_what_cannot_be_done_says_why_and_changes_nothing(store, act, said):
    frame, found = with_suspect()
    add(store, frame, found=found)
    before = store.audit()
    with pytest.raises(MttqError, match=said) as error:
        act(store)
    assert "\n" not in str(error.value)
    pd.testing.assert_frame_equal(store.audit(), before)
    assert store.observations()["status"].tolist().count("suspect") == 1


def test_an_undone_or_withdrawn_thing_cannot_be_so_twice(store):
    add(store)
    event = store.withdraw("218", "2024-Q4", **DECIDED)
    with pytest.raises(MttqError, match="already withdrawn by event 2"):
        store.withdraw("218", "2024-Q4", revision=1, **DECIDED)
    store.undo(event, **DECIDED)
    with pytest.raises(MttqError, match="undone before, by event 3"):
        store.undo(event, **DECIDED)


def test_status_tells_who_is_in_time_late_missing_or_has_errors(store):
    add(store, returned("213"), b"1", received="2025-01-10")
    add(store, returned("215"), b"2", received="2025-01-13")
    add(store, returned("216"), b"3", found=problems(problem(area="216"), problem("x", "warning", area="216")),
        received=date(2025, 1, 12))  # fmt: skip
    frame = store.status("front_work", "2024-Q4").set_index("area")
    assert len(frame) == 10
    assert frame["status"].value_counts().to_dict() == {"missing": 7, "in time": 1, "late": 1, "with errors": 1}
    assert frame.loc[["213", "215", "216"], "days_late"].tolist() == [0, 3, 2]
    assert frame.loc["216", ["errors", "warnings", "revision"]].tolist() == [1, 1, 1]
    assert (frame["due"] == pd.Timestamp("2025-01-10")).all()
    assert frame["received"].isna().sum() == 7


def test_a_correction_sent_later_does_not_make_a_return_late(store):
    add(store, returned("213"), b"1", found=problems(problem(area="213")), received="2025-01-09")
    assert store.status(period="2024-Q4")["status"].tolist().count("with errors") == 1
    add(store, returned("213", factor=2), b"2", received="2025-02-01")
    row = store.status(period="2024-Q4").set_index("area").loc["213"]
    assert (row["status"], row["revision"], row["days_late"], row["errors"]) == ("in time", 2, 0, 0)


def test_an_error_that_was_decided_on_is_no_longer_open(store):
    frame, found = with_suspect()
    add(store, frame, found=found, received="2025-01-02")
    assert set(store.status(period="2024-Q4").query("area == '218'")["status"]) == {"with errors"}
    store.accept(store.suspects(), **DECIDED)
    row = store.status(period="2024-Q4").set_index("area").loc["218"]
    assert (row["status"], row["errors"], row["warnings"]) == ("in time", 0, 1)


def test_a_return_nobody_asked_for_stands_last_and_is_marked(store):
    add(store, returned("24"), b"1", received="2025-01-02")
    frame = store.status(period="2024-Q4")
    assert frame.iloc[-1][["area", "expected"]].tolist() == ["24", False]
    assert frame["expected"].sum() == 10


def test_without_a_store_everything_is_missing(store):
    assert set(store.status(period="2025-Q4")["status"]) == {"missing"}
    assert len(store.status(period="2025-Q4")) == 99
    assert not store.exists()
    assert not store.path.exists()


def test_reading_known_files_again_keeps_other_figures_as_a_revision(store):
    add(store, returned(), b"one", found=problems(problem()))
    assert add(store, returned(), b"one", again=True)["state"].tolist() == ["reread"]
    assert store.problems().empty
    assert add(store, returned(), b"one", again=True)["state"].tolist() == ["known"]
    added = add(store, returned(factor=1000), b"one", again=True)
    assert added[["state", "revision"]].values.tolist() == [["new", 2]]
    assert set(store.revisions()["sha256"].value_counts()) == {2}


def test_originals_are_packed_and_come_back_whole(store):
    long = "Biểu số 01".encode() * 10_000
    add(store, content=long)
    assert store.original(store.revisions()["sha256"].iloc[0]) == long
    assert store.path.stat().st_size < len(long)


def test_a_copy_holds_the_same_and_overwrites_nothing(store, tmp_path):
    add(store)
    copy = store.copy(tmp_path / "sao lưu.sqlite")
    pd.testing.assert_frame_equal(Store(copy).observations(), store.observations())
    with pytest.raises(MttqError, match="exists already"):
        store.copy(copy)


def test_the_check_finds_a_damaged_original(store):
    add(store)
    assert store.check() == []
    with sqlite3.connect(store.path) as connection:
        connection.execute("UPDATE original SET content = x'00'")
    connection.close()
    assert len(store.check()) == 1


@pytest.fixture
def older(tmp_path):
    """A store that version 1 of the schema wrote: two revisions, one accepted value, one withdrawn return."""
    path = tmp_path / "cũ.sqlite"
    path.write_bytes(gzip.decompress((Path(__file__).parent / "data" / "store_v1.sqlite.gz").read_bytes()))
    return path


def test_an_older_store_is_brought_up_to_date_after_a_copy(older):
    before = older.read_bytes()
    store = Store(older)
    assert store.revisions()["state"].tolist() == ["withdrawn", "superseded", "current"]
    assert store.problems(revision="all")["message_vi"].tolist() == ["Tổng không khớp."] * 3
    assert store.observations()["status"].tolist().count("accepted") == 1
    assert store.audit()["action"].tolist() == ["load", "load", "load", "accept", "withdraw"]
    assert store.check() == []
    assert add(store, content=b"one")["state"].tolist() == ["known"]
    (copy,) = older.parent.glob("*.bak")
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        assert connection.execute("SELECT count(*) FROM observation").fetchone() == (28,)
    assert older.read_bytes() != before


def test_a_migration_that_fails_leaves_the_older_store_as_it_was(older, monkeypatch):
    def half_way(connection):
        connection.execute("ALTER TABLE problem DROP COLUMN message_vi")
        raise MttqError("no power")

    with monkeypatch.context() as patch:
        patch.setitem(store_schema.MIGRATIONS, 1, half_way)
        with pytest.raises(MttqError, match="no power"):
            Store(older).observations()
    with closing(sqlite3.connect(older)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    assert len(Store(older).problems(revision="all")) == 3
    assert len(list(older.parent.glob("*.bak"))) == 2


def test_a_store_of_a_newer_version_is_refused_and_left_alone(store):
    add(store)
    with sqlite3.connect(store.path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = store.path.read_bytes()
    for act in (lambda s: s.observations(), lambda s: add(s, content=b"two")):
        with pytest.raises(MttqError, match="newer version of mttq_data .*update"):
            act(Store(store.path))
    assert store.path.read_bytes() == before


@pytest.mark.parametrize(
    ("form", "spans"), [("front_work", ("2024-Q3", "2024-Q4")), ("grassroots", ("2024-H1", "2024-H2"))]
)
def test_what_is_loaded_is_compared_with_what_the_store_has_of_the_same_units(
    store, tmp_path, monkeypatch, form, spans
):
    if form == "grassroots":
        monkeypatch.setenv("MTTQ_CODES", str(SECOND_FORM))
    paths = [tmp_path / f"{area}-{span}.xlsx" for span in spans for area in ("218", "219")]
    for path in paths:
        area, span = path.stem.split("-", 1)
        filled(path, form=form, area=area, period=span, scale=100.0 if path == paths[2] else 1.0)
    store.load(paths[:2])
    store.load(paths[2:])
    kept = store.problems()
    assert set(kept.loc[kept["check"] == "previous_far", "source"]) == {paths[2].name}
    together = read_returns(paths, progress=False)[1]
    columns = ["check", "source", "where", "found", "expected"]
    assert sorted(map(tuple, kept[columns].to_numpy())) == sorted(map(tuple, together[columns].to_numpy()))
