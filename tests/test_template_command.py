"""``mttq template`` from a user's seat."""

from __future__ import annotations

from pathlib import Path

import pytest

from mttq_data.cli import main
from mttq_data.forms.template import read_identity


def test_named_units_get_their_return(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["template", "H. Lục Nam", "TX Việt Yên", "--period", "2024-Q4", "-o", str(tmp_path)]) == 0
    assert "2 biểu mẫu" in capsys.readouterr().out
    assert sorted(read_identity(p)["area"] for p in tmp_path.glob("*.xlsx")) == ["218", "222"]


@pytest.mark.parametrize("wrong", [["Lục Namm", "--period", "2024-Q4"], ["--period", "2024-Q9"]])
def test_what_is_not_known_is_one_line(wrong: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["template", *wrong, "-o", str(tmp_path)]) == 1
    error = capsys.readouterr().err.strip().splitlines()
    assert len(error) == 1 and "Traceback" not in error[0]
    assert list(tmp_path.iterdir()) == []
