"""CSV files of all makes, and those that are none."""

import gzip

import numpy as np
import pytest

from autograd import OperandError
from nn.datasets import FormatError, read_csv


def table(text, tmp_path, **settings):
    path = tmp_path / "file.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_csv(path, **settings)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_ends_of_lines_are_found(delimiter, end, tmp_path):
    rows = [["name", "n", "x"], ["a b", "1", "0.5"], ["c", "2", "1e3"], []]
    found = table(end.join(delimiter.join(row) for row in rows), tmp_path)
    assert list(found) == ["name", "n", "x"]
    assert found["name"].tolist() == ["a b", "c"]
    assert found["n"].dtype == np.int64
    assert found["x"].tolist() == [0.5, 1000]


@pytest.mark.parametrize(
    ("text", "settings", "columns"),
    [
        ("1,2\n3,4\n", {}, {"0": [1, 3], "1": [2, 4]}),
        ("a,b\n3,4\n", {}, {"a": [3], "b": [4]}),
        ("1,2\n3,4\n", {"header": True}, {"1": [3], "2": [4]}),
        ("a,b\nc,d\n", {"header": False}, {"0": ["a", "c"], "1": ["b", "d"]}),
        ("a\n1\n2\n", {}, {"a": [1, 2]}),
        ("a,b\n", {}, {"a": [], "b": []}),
        ('a,b\n"x, y",1\n"say ""no""",2\n', {}, {"a": ["x, y", 'say "no"'], "b": [1, 2]}),
        ('a,b\n"two\nlines",1\n', {}, {"a": ["two\nlines"], "b": [1]}),
        ("a;b\n1,5;2.000\n", {"decimal": ","}, {"a": [1.5], "b": [2000]}),
        ("\n\na, b\n1, 2\n\n", {}, {"a": [1], "b": [2]}),
        ("id,y\n007,-1\n", {}, {"id": [7], "y": [-1]}),
        ("a\n1_000\n", {}, {"a": ["1_000"]}),
        ("a\n99999999999999999999\n", {}, {"a": [1e20]}),
    ],
)
def test_tables(text, settings, columns, tmp_path):
    found = table(text, tmp_path, **settings)
    assert {name: column.tolist() for name, column in found.items()} == columns


def test_missing_numbers_are_nan_and_refused_where_all_are_needed(tmp_path):
    found = table("a,b,c\n1,x,2\nNA,y,3\n,z,4\n", tmp_path)
    assert np.isnan(found["a"]).tolist() == [False, True, True]
    assert found["c"].dtype == np.int64
    with pytest.raises(OperandError, match=r"column 'a' of file\.csv has no number in line 3 and 1 more"):
        found.numbers()
    assert found.numbers("c", "c").tolist() == [[2, 2], [3, 3], [4, 4]]
    kept = found.where(~np.isnan(found["a"]))
    assert kept.numbers().tolist() == [[1, 2]]
    later = found.where([1, 2])
    with pytest.raises(OperandError, match="line 3"):
        later.numbers("a")


def test_a_word_among_numbers_is_found_with_its_line(tmp_path):
    found = table('a,b\n1,"two\nlines"\n2,x\nabout 3,y\n', tmp_path)
    with pytest.raises(OperandError, match=r"column 'a' of file\.csv has 'about 3' in line 5"):
        found.numbers("a")
    with pytest.raises(OperandError, match="no columns of numbers"):
        found.numbers()
    with pytest.raises(KeyError, match=r"^file\.csv has no column 'c'\. It has 'a', 'b'\.\n"):
        found["c"]
    assert "c" not in found


def test_a_dataset_of_a_table(tmp_path):
    found = table("h,w,kind,price\n1,2,cat,0.5\n3,4,dog,1.5\n5,6,cat,2.5\n", tmp_path)
    (x, y), classes = found.dataset("kind", "h", "w")[0].arrays, found.dataset("kind")[1]
    assert x.tolist() == [[1, 2], [3, 4], [5, 6]]
    assert (x.dtype, y.dtype) == (np.float32, np.int64)
    assert (y.tolist(), classes) == ([0, 1, 0], ("cat", "dog"))
    (x, y), classes = found.dataset("price")[0].arrays, found.dataset("price")[1]
    assert x.shape == (3, 2)
    assert (y.dtype, classes) == (np.float32, ())
    with pytest.raises(KeyError, match="no column 'size'"):
        found.dataset("size")
    assert found.dataset("w")[0].arrays[1].dtype == np.int64


def test_other_encodings_and_packed_files(tmp_path):
    assert list(table("\ufeffgröße,b\n1,2\n", tmp_path)) == ["größe", "b"]
    assert list(table("größe,b\n1,2\n".encode("cp1252"), tmp_path, encoding="cp1252")) == ["größe", "b"]
    assert list(table("größe,b\n1,2\n".encode("utf-16"), tmp_path)) == ["größe", "b"]
    assert table(gzip.compress(b"a\n1\n"), tmp_path)["a"].tolist() == [1]
    with pytest.raises(FormatError, match=r"line 2 is no utf-8.*\n.*\n.*cp1252"):
        table(b"a,b\n\xfc,1\n", tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"a,b\n1,2\n1,2,3\n", "line 3: 3 fields, where the first line has 2"),
        (b"a,b\n1,2\n\n1\n", "line 4: 1 fields"),
        (b'a,b\n1,2\n"open,3\n4,5\n', r"line 3.*\n.*\n.*quote without its end"),
        (b"a,a\n1,2\n", "two columns 'a'"),
        (b"PK\x03\x04....", "an Excel workbook"),
        (b"%PDF-1.4", "a PDF"),
        (b"a,b\n1,\x002\n", "zero bytes"),
        (gzip.compress(b"a,b\n" * 100)[:20], "damaged or cut short"),
    ],
)
def test_what_is_no_table(content, message, tmp_path):
    with pytest.raises(FormatError, match=message):
        table(content, tmp_path)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_csv(tmp_path / "nothing.csv")


@pytest.mark.parametrize(
    "text",
    [
        "a,b\n1,2\n3,4\n",
        "a,b\n1,2.5\n3,-4e3\n",
        "1,2.0\n\n3,4\n",
        "a;b\r\n 1; 2\r\n+3;4\r\n",
        "a,b\n1,nan\n3,inf\n",
        "a,b\n9007199254740993,1\n2,3\n",
        "a\n1_000\n",
        "1\n",
    ],
)
def test_tables_of_numbers_are_read_alike_the_fast_way_and_the_slow(text, tmp_path, monkeypatch):
    fast = table(text, tmp_path)
    monkeypatch.setattr("nn.datasets.csv._numbers_alone", lambda *args: None)
    slow = table(text, tmp_path)
    assert list(fast) == list(slow)
    assert fast.lines.tolist() == slow.lines.tolist()
    for name in fast:
        assert fast[name].dtype == slow[name].dtype
        assert fast[name].tolist() == pytest.approx(slow[name].tolist(), nan_ok=True) or fast[name].dtype.kind == "U"
