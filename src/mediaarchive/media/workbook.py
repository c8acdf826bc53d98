"""Reads XLSX and ODS with little memory and in a process of its own, which may die: a workbook can say that it has a billion cells.

Run by path, never imported: `python -I workbook.py <folder of the library>`, with the workbook on stdin. Prints JSON:
`[[name of the sheet, [[row, [cell, …]], …]], …]`, rows from 1 and only those that have something; a cell is a text, or, where it
holds a date, a list with that. Ends with status 3 if it is no workbook, 4 if it is too large.
"""

from __future__ import annotations

import io
import json
import sys
import zipfile
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

MOST_ROWS: Final = 200_000
MOST_COLUMNS: Final = 200
UNPACKED_BYTES: Final = 64 << 20
NO_WORKBOOK, TOO_LARGE = 3, 4


def cell(value: object) -> str | list[str]:
    """A cell as it would be typed; numbers in full, without exponents."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        exact = Decimal(repr(value))
        return format(exact.quantize(Decimal(1)) if exact == exact.to_integral_value() else exact, "f")
    if isinstance(value, datetime) and value == datetime(value.year, value.month, value.day):  # noqa: DTZ001 - as in the cell
        return [value.date().isoformat()]
    if isinstance(value, date | datetime):
        return [value.isoformat()]
    return value if isinstance(value, str) else [str(value)]  # what is left are times


def sheets(data: bytes) -> list[tuple[str, list[tuple[int, list[str | list[str]]]]]]:
    """Every sheet with its rows."""
    from python_calamine import load_workbook  # noqa: PLC0415 - the path is set by then

    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        if sum(entry.file_size for entry in packed.infolist()) > UNPACKED_BYTES:
            sys.exit(TOO_LARGE)
    found, count = [], 0
    book = load_workbook(io.BytesIO(data))
    for name in book.sheet_names:
        rows = []
        for number, values in enumerate(book.get_sheet_by_name(name).to_python(skip_empty_area=False), 1):
            cells = [cell(value) for value in values[:MOST_COLUMNS]]
            while cells and not cells[-1]:
                cells.pop()
            if cells:
                rows.append((number, cells))
                count += 1
            if count > MOST_ROWS:
                sys.exit(TOO_LARGE)
        found.append((name, rows))
    return found


def main(arguments: list[str]) -> None:
    """Read stdin, print the sheets."""
    sys.path.append(arguments[0])
    import python_calamine  # noqa: F401, PLC0415 - where it doesn't load, that is no fault of the workbook

    data = sys.stdin.buffer.read()
    result: Any
    try:
        result = sheets(data)
    except MemoryError:
        sys.exit(TOO_LARGE)
    except Exception as error:  # noqa: BLE001 - whatever the library says, it is no workbook that it can read
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        sys.exit(NO_WORKBOOK)
    sys.stdout.write(json.dumps(result))


if __name__ == "__main__":
    main(sys.argv[1:])
