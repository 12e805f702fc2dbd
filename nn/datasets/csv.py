"""CSV: tables in text, one row a line. Whatever separates the columns, quoted or not, with a header or without."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy import ndarray

from autograd import AutogradError, OperandError
from nn.data.dataset import ArrayDataset
from nn.data.label import encode_labels
from nn.datasets.idx import FormatError, unpacked
from nn.functional.refusal import refuse

__all__ = ["ColumnError", "Table", "read_csv"]

_MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "None", "?")
_KINDS = {
    b"PK\x03\x04": "an Excel workbook or zip archive",
    b"%PDF": "a PDF",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
}


class ColumnError(AutogradError, KeyError):
    """A column that a table does not have."""

    __str__ = Exception.__str__  # a KeyError's would put the message in quotes


class Table(Mapping[str, ndarray]):
    """Columns by name, each an array (N,): int64, float64 where a number is missing (nan) or has a point, or text."""

    def __init__(self, columns: Mapping[str, ndarray], name: str = "table", lines: Any = None) -> None:
        self.columns = dict(columns)
        self.name = name
        self.lines = np.arange(1, self.rows + 1) if lines is None else np.asarray(lines)  # of the file, for errors

    def __getitem__(self, name: str) -> ndarray:
        if name not in self.columns:
            refuse(ColumnError, f"{self.name} has no column {name!r}. It has {', '.join(map(repr, self.columns))}.")
        return self.columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(next(iter(self.columns.values()), ()))

    def numbers(self, *names: str, dtype: Any = np.float32) -> ndarray:
        """These columns as one array (N, columns); all that are numbers unless named.

        Errors: OperandError for a column of text, or where a number is missing, with the line.
        """
        chosen = names or tuple(name for name, column in self.columns.items() if column.dtype.kind in "if")
        if not chosen:
            refuse(OperandError, f"{self.name} has no columns of numbers.")
        for name in chosen:
            column = self[name]
            bad = np.flatnonzero(np.isnan(column) if column.dtype.kind == "f" else _no_numbers(column))
            if bad.size:
                what = "has no number" if column.dtype.kind == "f" else f"has {str(column[bad[0]])!r}"
                more = f" and {bad.size - 1} more" if bad.size > 1 else ""
                refuse(
                    OperandError,
                    f"column {name!r} of {self.name} {what} in line {self.lines[bad[0]]}{more}.",
                    f"Choose other columns, or rows: table.where(~np.isnan(table[{name!r}]))."
                    if column.dtype.kind == "f"
                    else "Mend the line, or choose other columns.",
                )
        return np.stack([self[name] for name in chosen], axis=1).astype(dtype)

    def where(self, rows: Any) -> Table:
        """The rows for which a mask (N,) is true, or those of these indices."""
        return Table({name: column[rows] for name, column in self.columns.items()}, self.name, self.lines[rows])

    def dataset(self, target: str, *features: str) -> tuple[ArrayDataset, tuple[Any, ...]]:
        """(features float32 (N, F), target), and the classes.

        The features are all other columns of numbers unless named. A target of text is made int64 (N,), the numbers of
        the classes; whole numbers stay as they are, int64; others are float32. There are no classes then.
        """
        y = self[target]
        rest = tuple(name for name, column in self.items() if column.dtype.kind in "if" and name != target)
        x = self.numbers(*(features or rest))
        if y.dtype.kind == "f":
            return ArrayDataset(x, self.numbers(target)[:, 0]), ()
        if y.dtype.kind == "i":
            return ArrayDataset(x, y), ()
        numbers, classes = encode_labels(y)
        return ArrayDataset(x, numbers), classes

    def __repr__(self) -> str:
        return f"Table({self.name}: {self.rows} rows; {', '.join(f'{n} {c.dtype}' for n, c in self.items())})"


def read_csv(
    path: str | os.PathLike[str],
    *,
    delimiter: str | None = None,
    header: bool | None = None,
    decimal: str = ".",
    missing: tuple[str, ...] = _MISSING,
    encoding: str = "utf-8",
) -> Table:
    """The table in a CSV file, as it is or packed by gzip.

    What separates the columns (comma, semicolon, tab, bar) is found in the first lines, unless `delimiter` says. The
    first line is a header when nothing in it is a number, unless `header` says; without one columns are called "0",
    "1", ... A field that is one of `missing` is nan among numbers.

    >>> import nn, pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "pets.csv"
    >>> _ = path.write_text("name;legs;kg\\nRex;4;30.5\\nTweety;2;\\n")
    >>> table = nn.datasets.read_csv(path)
    >>> table
    Table(pets.csv: 2 rows; name <U6, legs int64, kg float64)
    >>> table["kg"]
    array([30.5,  nan])
    >>> table.numbers("legs")
    array([[4.],
           [2.]], dtype=float32)

    Errors: FormatError with the line for what is no table: lines of different lengths, a quote without an end, another
    encoding, a file of another kind; OSError when the file cannot be opened.
    """
    name = os.path.basename(path)
    text = _text(path, name, encoding)
    delimiter = delimiter or _delimiter(text)
    rows = _rows(text, delimiter, name)
    line, first = next(rows, (0, []))
    if not line:
        refuse(FormatError, f"{name} is empty.")
    if header is None:
        header = not any(_is_number(field, decimal) for field in first)
    titles = first if header else [str(i) for i in range(len(first))]
    double = [title for i, title in enumerate(titles) if title in titles[:i]]
    if double:
        refuse(FormatError, f"{name} has two columns {double[0]!r}.", "Rename one; header=False if this is no header.")
    if decimal == "." and missing == _MISSING:
        quick = _numbers_alone(text, delimiter, len(titles), line if header else 0)
        if quick:
            return Table(dict(zip(titles, quick[0], strict=True)), name, quick[1])
    fields, lines = ([], []) if header else ([first], [line])
    for line, row in rows:
        if len(row) != len(titles):
            refuse(
                FormatError,
                f"{name}, line {line}: {len(row)} fields, where the first line has {len(titles)}.",
                f"The fields were taken apart at each {delimiter!r}. Mend the line, or say another delimiter.",
            )
        fields.append(row)
        lines.append(line)
    columns = zip(*fields, strict=True) if fields else [()] * len(titles)
    table = {title: _column([*column], decimal, missing) for title, column in zip(titles, columns, strict=True)}
    return Table(table, name, lines)


def _text(path: str | os.PathLike[str], name: str, encoding: str) -> str:
    """What is written in a file."""
    content = unpacked(path)
    kind = next((kind for start, kind in _KINDS.items() if content.startswith(start)), None)
    if kind:
        refuse(FormatError, f"{name} is no CSV file, but {kind}.", "Save the table as CSV in the program it is from.")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    try:
        text = content.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        remedy = "Perhaps it is encoding='cp1252', which old Windows programs write."
        refuse(FormatError, f"{name}, line {line} is no {encoding}: {error.reason}.", remedy)
    if "\0" in text:
        refuse(FormatError, f"{name} has zero bytes in it: it is damaged, or no text.")
    return text


def _rows(text: str, delimiter: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """The number and the fields of each line that is not empty."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True, skipinitialspace=True)
    last = 0
    try:
        for row in reader:
            if row:
                yield last + 1, [field.strip() for field in row]
            last = reader.line_num
    except csv.Error as error:
        refuse(FormatError, f"{name}, line {last + 1}: {error}.", "Is there a quote without its end?")


def _numbers_alone(text: str, delimiter: str, width: int, skip: int) -> tuple[list[ndarray], list[int]] | None:
    """Columns and line numbers of a table that is nothing but numbers, read ten times faster; None for any other."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    at = [i for i, line in enumerate(lines[skip:], skip + 1) if line.strip()]
    if not at or '"' in text:
        return None
    try:
        table = np.loadtxt([lines[i - 1] for i in at], np.float64, delimiter=delimiter, ndmin=2, comments=None)
    except ValueError:
        return None
    if table.shape[1] != width:
        return None
    whole = (table == np.rint(table)).all(axis=0)
    if whole.any() and ({*".eEnN"} & {*"".join(lines[skip:])} or np.abs(table[:, whole]).max() >= 2**53):
        return None  # it must be seen whether 1.0 or 1 is written, and all digits of a large number
    return [column.astype(np.int64) if w else column for column, w in zip(table.T, whole, strict=True)], at


def _delimiter(text: str) -> str:
    """What separates the columns: what occurs as often in each of the first lines, or else the most often."""
    lines = [line for line in text[:100_000].splitlines()[:50] if line.strip()]
    counts = {d: [len(row) for row in csv.reader(lines, delimiter=d)] for d in ",;\t|"}
    return max(counts, key=lambda d: (len({*counts[d]}) == 1 and counts[d][0] > 1, sum(counts[d])))


def _is_number(field: str, decimal: str) -> bool:
    try:
        float(field.replace(decimal, "."))
    except ValueError:
        return False
    return "_" not in field


def _column(fields: list[str], decimal: str, missing: tuple[str, ...]) -> ndarray:
    """The fields as whole numbers, else as numbers, else as text."""
    if decimal != ".":
        numbers = [field.replace(".", "").replace(decimal, ".") for field in fields]
    else:
        numbers = fields
    lacking = {*missing}
    try:
        column = np.array(["nan" if field in lacking else field for field in numbers], np.str_).astype(np.float64)
    except ValueError:
        return np.array(fields, np.str_)
    if any("_" in field for field in fields):  # Python would read 1_000 as a number
        return np.array(fields, np.str_)
    if fields and all(field.lstrip("+-").isdigit() for field in fields) and np.abs(column).max() < 2**62:
        return np.array(numbers, np.str_).astype(np.int64)
    return column


def _no_numbers(column: ndarray) -> ndarray:
    """Which fields of a column of text are no numbers; of whole numbers, none."""
    if column.dtype.kind != "U":
        return np.zeros(len(column), bool)
    return np.array([not _is_number(field, ".") for field in column.tolist()])
