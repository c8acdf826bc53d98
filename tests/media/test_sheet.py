"""The sheet that communication officers write: points of pictures among its rows."""

from __future__ import annotations

import pytest

from mediaarchive.errors import BadInput
from mediaarchive.media.sheet import read_sheet


@pytest.mark.parametrize("written", ['"0.3, 0.6"', '"0.3,0.6"', "0.3 0.6", '"0,3 0,6"', '"0,3; 0,6"', "0.30 .6"])
def test_a_point_may_be_written_as_people_write_numbers(written: str) -> None:
    assert read_sheet(f"path,lang,kind,text\na.jpg,,focus,{written}\n".encode()) == [("a.jpg", "", "focus", "0.3 0.6")]


@pytest.mark.parametrize("written", ["left", "0.3", "1.2 0.3", "-0.1 0", "nan 0", '"0,3,0,6"', "0.1 0.2 0.3"])
def test_a_point_that_is_none_is_refused_with_its_line(written: str) -> None:
    with pytest.raises(BadInput, match="line 3") as caught:
        read_sheet(f"path,lang,kind,text\nb.jpg,en,alt,A dog\na.jpg,,focus,{written}\n".encode())
    assert caught.value.problem.code == "sheet-focus"
