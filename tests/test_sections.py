"""Headings, with the faults reports have."""

from __future__ import annotations

import pytest

from mttq_data.extraction.sections import heading_of
from mttq_data.reading.document import Document

TEXT = """Phần thứ nhất
KẾT QUẢ THỰC HIỆN CHƯƠNG TRÌNH
NHIỆM KỲ 2019 - 2024

I. TÌNH HÌNH
1. Kết quả
1.1. Tuyên truyền
(1) Công tác dân tộc: nội dung
2.2 Triển khai Đề án
4. Đổi mới tổ chức, nâng cao năng lực cán bộ
Mặt trận các cấp
a) Nhiệm vụ
- một ý
Phần thứ hai
"""


def test_paths_titles_and_ends() -> None:
    document = Document(TEXT)
    found = {s.path: s for s in document.sections}
    assert list(found) == [
        "Phần thứ nhất", "Phần thứ nhất > I", "Phần thứ nhất > I > 1", "Phần thứ nhất > I > 1.1",
        "Phần thứ nhất > I > 1.1 > (1)", "Phần thứ nhất > I > 1 > 2.2", "Phần thứ nhất > I > 4",
        "Phần thứ nhất > I > 4 > a)", "Phần thứ hai",
    ]  # fmt: skip
    assert found["Phần thứ nhất"].title == "KẾT QUẢ THỰC HIỆN CHƯƠNG TRÌNH NHIỆM KỲ 2019 - 2024"
    assert found["Phần thứ nhất > I > 4"].title.endswith("cán bộ Mặt trận các cấp")
    assert all(TEXT[s.start :].startswith(s.number) for s in document.sections)
    assert found["Phần thứ nhất"].end == TEXT.index("Phần thứ hai")


@pytest.mark.parametrize("line", ["2.615 nội dung", "2.5 tỷ đồng", "5 nhà", "100% khu dân cư", "", "Trong năm 2023"])
def test_lines_that_are_no_heading(line: str) -> None:
    assert heading_of(line) is None


def test_real_report_has_its_headings(real_report) -> None:
    sections = Document(real_report.read_text(encoding="utf-8")).sections
    paths = [s.path for s in sections]
    assert "Phần thứ nhất > II > 1.2 > (2)" in paths and "Phần thứ hai > III > 2 > (10)" in paths
    assert "Phần thứ nhất > III > 4" in paths and "Phần thứ nhất > III > 3" not in paths, (
        "the number jumps in the report"
    )
