"""The store when things go wrong: killed, crowded, full, read-only, deleted, a clock set back."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pandas as pd
import pytest
from returns_kept import problems, returned

from mttq_data.errors import MttqError
from mttq_data.forms.forms import form
from mttq_data.store import audit as store_audit
from mttq_data.store import connection as store_connection
from mttq_data.store import schema as store_schema
from mttq_data.store.store import Store

posix = pytest.mark.skipif(os.name != "posix", reason="needs signals and permissions as Linux and macOS have them")


@pytest.fixture(scope="module")
def soak(root):
    """The module behind ``make soak``."""
    sys.path.insert(0, str(root / "benchmarks"))
    try:
        import soak

        yield soak
    finally:
        sys.path.remove(str(root / "benchmarks"))


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "kho dữ liệu" / "kho.sqlite")
    add(store, 1)
    return store


def add(store, number, **more):
    return store.add(returned(factor=number), problems(), f"file {number}".encode(), f"{number}.xlsx", **more)


def said_in_one_line(error):
    return "\n" not in str(error.value) and "kho" in str(error.value)


@posix
@pytest.mark.slow
def test_a_killed_load_leaves_whole_returns_and_loading_again_completes_it(soak, tmp_path):
    tally = soak.soak(tmp_path, kills=10, files=60, seed=7)
    assert tally.faults == []
    assert tally.killed == 10
    assert tally.completed >= 3


@posix
@pytest.mark.slow
def test_two_load_at_once_while_a_third_reads(soak, tmp_path):
    paths = soak.make(tmp_path / "all", 90)
    folders = [tmp_path / "Một", tmp_path / "Hai"]
    for folder, mine in zip(folders, (paths[:60], paths[30:]), strict=True):
        folder.mkdir()
        for path in mine:
            shutil.copy2(path, folder)
    store = Store(tmp_path / "kho.sqlite")
    command = [sys.executable, "-m", "mttq_data", "load", "--store", str(store.path)]
    loads = [subprocess.Popen([*command, str(f)], stdout=subprocess.PIPE, stderr=subprocess.PIPE) for f in folders]
    sizes = set()
    while any(load.poll() is None for load in loads):
        if store.exists():
            sizes |= set(store.observations(revision="all").groupby("sha256").size())
    assert [(load.returncode, load.communicate()[1]) for load in loads] == [(0, b"")] * 2
    kept = store.revisions()
    assert len(kept) == 90
    assert set(kept["revision"]) == {1}
    assert len(sizes) <= 1
    assert store.check() == []


def test_many_threads_write_and_none_is_refused(store):
    failed = []

    def work(start):
        try:
            for number in range(start, start + 5):
                add(Store(store.path), number)
        except MttqError as exc:
            failed.append(exc)

    threads = [threading.Thread(target=work, args=(start,)) for start in (10, 20, 30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert store.revisions()["revision"].tolist() == list(range(1, 17))


def test_a_store_held_too_long_by_another_program_says_so(store, monkeypatch):
    monkeypatch.setattr(store_connection, "PATIENCE", 0.1)
    with contextlib.closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(MttqError, match="another program") as error:
            add(store, 2)
        assert len(store.observations()) == 9
    assert said_in_one_line(error)
    assert add(store, 2)["state"].tolist() == ["new"]


class SmallDisk:
    """A folder on a disk of one megabyte, which `fill` fills and `clear` clears."""

    def __init__(self, folder):
        self.folder = folder

    def fill(self):
        (self.folder / "filler").write_bytes(b"x" * 1_020_000)

    def clear(self):
        (self.folder / "filler").unlink()


class FewPages(SmallDisk):
    """The same without the right to mount: SQLite itself gives a file no more than so many pages."""

    pages = 240

    def fill(self):
        self.pages = 1

    def clear(self):
        self.pages = 240


@pytest.fixture
def few_pages(tmp_path, monkeypatch):
    disk, connect = FewPages(tmp_path), store_connection.connect

    def limited(path, mode):
        connection = connect(path, mode)
        connection.execute(f"PRAGMA max_page_count = {disk.pages}").fetchone()
        return connection

    monkeypatch.setattr(store_connection, "connect", limited)
    return disk


@pytest.fixture
def mounted():
    folder = Path(tempfile.mkdtemp())
    mount = shutil.which("mount")
    made = mount and subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], check=False, capture_output=True
    )
    if not made or made.returncode:
        folder.rmdir()
        pytest.skip("mounting a small disk is not allowed here; the limit of pages stands for it")
    yield SmallDisk(folder)
    subprocess.run(["umount", folder], check=True)
    folder.rmdir()


@pytest.fixture(params=["few_pages", "mounted"])
def small_disk(request):
    return request.getfixturevalue(request.param)


def test_a_full_disk_is_said_and_the_store_stays_as_it_was(small_disk):
    store = Store(small_disk.folder / "kho.sqlite")
    add(store, 1)
    before = store.audit()
    with pytest.raises(MttqError, match="disk is full") as error:
        store.add(returned(factor=2), problems(), os.urandom(2_000_000), "lớn.xlsx")
    assert said_in_one_line(error)
    pd.testing.assert_frame_equal(store.audit(), before)
    assert store.check() == []
    assert add(store, 3)["revision"].tolist() == [2]


def test_a_disk_too_full_for_any_store_leaves_none(small_disk):
    small_disk.fill()
    store = Store(small_disk.folder / "kho.sqlite")
    with pytest.raises(MttqError, match="disk is full"):
        add(store, 1)
    small_disk.clear()
    assert not store.exists()
    assert add(store, 1)["state"].tolist() == ["new"]


_LIMITED = """
import os, resource, sys
sys.path.insert(0, {tests!r})
from returns_kept import problems, returned
from mttq_data.errors import MttqError
from mttq_data.store.store import Store
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
try:
    Store(sys.argv[1]).add(returned(factor=2), problems(), os.urandom(2_000_000), "big.xlsx")
except MttqError as exc:
    print(exc)
"""


@posix
def test_a_quota_that_is_reached_is_said_and_the_store_stays_as_it_was(store):
    code = _LIMITED.format(tests=str(Path(__file__).parent))
    done = subprocess.run([sys.executable, "-c", code, store.path], capture_output=True, text=True, check=True)
    assert "Nothing of this step was kept" in done.stdout or "disk is full" in done.stdout
    assert done.stderr == ""
    assert store.check() == []
    assert len(store.revisions()) == 1


@contextlib.contextmanager
def another_user(folder):
    """Work without the rights of the folder's owner: root may write anywhere."""
    form("front_work")  # another user may not be let into the folder Python itself lies in
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
        folder.chmod(0o755)


@pytest.fixture
def open_folder():
    """A folder that other users may enter, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@posix
@pytest.mark.parametrize("log", ["none", "empty", "full"])
def test_a_store_in_a_read_only_folder_can_be_read_but_not_written(open_folder, log):
    store = Store(open_folder / "kho.sqlite")
    add(store, 1)
    if log == "empty":
        store.observations()
    with contextlib.ExitStack() as stack:
        if log == "full":
            # Another program that reads keeps what is written from moving out of the log.
            other = stack.enter_context(contextlib.closing(sqlite3.connect(store.path, isolation_level=None)))
            other.execute("BEGIN")
            other.execute("SELECT count(*) FROM revision").fetchone()
        add(store, 2)
        count = len(store.observations(revision="all"))
        stack.enter_context(another_user(open_folder))
        assert len(Store(store.path).observations(revision="all")) == count == 18
        with pytest.raises(MttqError, match="read-only|permission|cannot be opened") as error:
            add(Store(store.path), 3)
    assert said_in_one_line(error)
    assert len(store.revisions()) == 2


@posix
def test_a_store_that_cannot_be_made_says_so(open_folder):
    with another_user(open_folder), pytest.raises(MttqError, match="cannot be made|cannot be opened") as error:
        add(Store(open_folder / "kho" / "kho.sqlite"), 1)
    assert said_in_one_line(error)


@posix
def test_a_store_nobody_may_read_says_so(open_folder):
    store = Store(open_folder / "kho.sqlite")
    add(store, 1)
    with another_user(open_folder):
        owner, other = os.getuid(), os.geteuid()
        os.seteuid(owner)
        store.path.chmod(0o000)
        os.seteuid(other)
        with pytest.raises(MttqError, match="Permission denied") as error:
            Store(store.path).observations()
    assert said_in_one_line(error)


def test_a_store_deleted_between_two_steps_is_not_made_anew(store):
    for path in store.path.parent.glob("kho.sqlite*"):
        path.unlink()
    for act in (lambda: add(store, 2), store.observations, store.audit):
        with pytest.raises(MttqError, match="deleted or moved while in use") as error:
            act()
        assert said_in_one_line(error)
    assert not store.path.exists()


@posix
def test_a_store_deleted_in_the_middle_of_a_step_is_noticed(store, monkeypatch):
    record = store_audit.Journal.record

    def delete_then_record(self, *args, **more):
        store.path.unlink(missing_ok=True)
        return record(self, *args, **more)

    monkeypatch.setattr(store_audit.Journal, "record", delete_then_record)
    with pytest.raises(MttqError, match="deleted or moved while in use"):
        add(store, 2)


def test_another_store_put_in_its_place_is_noticed(store, tmp_path):
    other = Store(tmp_path / "other.sqlite")
    add(other, 5)
    os.replace(other.path, store.path)
    for path in store.path.parent.glob("kho.sqlite-*"):
        path.unlink()
    with pytest.raises(MttqError, match="another store has taken its place"):
        add(store, 2)
    assert Store(store.path).revisions()["source"].tolist() == ["5.xlsx"]


@pytest.mark.parametrize("act", ["add", "withdraw"])
def test_a_clock_set_back_is_said_and_the_store_stays_as_it_was(store, monkeypatch, act):
    before = store.audit()
    monkeypatch.setattr(store_schema, "timestamp", lambda: "2020-01-01T00:00:00Z")
    with pytest.raises(MttqError, match="clock says 2020-01-01") as error:
        if act == "add":
            add(store, 2)
        else:
            store.withdraw("218", "2024-Q4", by="Lan", why="x")
    assert said_in_one_line(error)
    pd.testing.assert_frame_equal(store.audit(), before)


def test_a_clock_that_was_ahead_once_need_not_stop_anybody(store, monkeypatch):
    monkeypatch.setattr(store_schema, "timestamp", lambda: "2020-01-01T00:00:00Z")
    add(Store(store.path, trust_clock=True), 2)
    assert store.audit()["action"].tolist() == ["load", "clock", "load"]
    add(store, 3)
    assert len(store.revisions()) == 3


def test_a_clock_corrected_by_seconds_keeps_the_trail_in_order(store, monkeypatch):
    last = store.audit()["at"].iloc[-1]
    slightly = (last - pd.Timedelta(seconds=90)).strftime("%Y-%m-%dT%H:%M:%SZ")
    monkeypatch.setattr(store_schema, "timestamp", lambda: slightly)
    add(store, 2)
    assert store.audit()["at"].is_monotonic_increasing


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04 an Excel file, by mistake" * 99, "not a store"),
        (b"SQLite format 3\0" + b"\xff" * 5000, "not a store|damaged|failed"),
    ],
)
def test_a_file_that_is_no_store_is_refused_and_left_alone(tmp_path, content, said):
    path = tmp_path / "kho.sqlite"
    path.write_bytes(content)
    for act in (lambda s: s.observations(), lambda s: add(s, 1), lambda s: s.status(period="2024-Q4")):
        with pytest.raises(MttqError, match=said) as error:
            act(Store(path))
        assert said_in_one_line(error)
    assert path.read_bytes() == content


def test_the_database_of_another_program_is_refused(tmp_path):
    path = tmp_path / "kho.sqlite"
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE bookmarks (url)")
    before = path.read_bytes()
    with pytest.raises(MttqError, match="another program"):
        Store(path).observations()
    with pytest.raises(MttqError, match="another program"):
        add(Store(path), 1)
    assert sqlite3.connect(path).execute("SELECT count(*) FROM bookmarks").fetchone() == (0,)
    assert len(before) > 0


@pytest.mark.parametrize("make", [Path.mkdir, lambda p: p.write_bytes(b""), lambda p: None])
def test_a_folder_an_empty_file_or_nothing_is_no_store_to_read(tmp_path, make):
    path = tmp_path / "kho.sqlite"
    make(path)
    with pytest.raises(MttqError, match="no store yet|a folder") as error:
        Store(path).observations()
    assert said_in_one_line(error)


def test_a_damaged_store_is_said_to_be_so(store):
    with contextlib.closing(sqlite3.connect(store.path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(store.path.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    store.path.write_bytes(content)
    with pytest.raises(MttqError, match="damaged|failed") as error:
        Store(store.path).observations()
    assert said_in_one_line(error)


@posix
def test_an_interrupted_write_is_rolled_back(store, monkeypatch):
    # A shell that starts the tests in the background has interrupts ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)

    def interrupt(self, *args, **more):
        os.kill(os.getpid(), signal.SIGINT)
        raise AssertionError("the signal should have come first")

    monkeypatch.setattr(store_audit.Journal, "record", interrupt)
    try:
        with pytest.raises(KeyboardInterrupt):
            add(store, 2)
    finally:
        signal.signal(signal.SIGINT, before)
    monkeypatch.undo()
    assert len(store.revisions()) == 1
    assert store.check() == []
