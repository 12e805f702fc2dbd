"""The player's JavaScript and style sheet as they are sent."""

import base64
import re
import zlib

from autograd.step.player import source


def test_the_module_imports_nothing_and_asks_nobody():
    code = source.script()
    assert not re.search(r"\bimport\b|\brequire\b|\bfetch\b|XMLHttpRequest|https?:", code)
    assert code.endswith("export default{render};")
    assert not re.search(r"url\(|@import|https?:", source.style())


def test_what_is_left_out_is_space_and_comments_alone():
    for name in source.FILES:
        text = (source.FOLDER / f"{name}.js").read_text("utf-8")
        bare = "".join(
            found.group() for found in source._TOKEN.finditer(text) if found.lastgroup not in ("space", "comment")
        )
        squeezed = re.sub(r"[\s;]", "", source.squeeze(text))
        assert squeezed == re.sub(r"[\s;]", "", bare), name


def test_files_are_short():
    for path in source.FOLDER.iterdir():
        assert len(path.read_text("utf-8").splitlines()) <= 400, path


def test_strings_patterns_and_signs_are_left_as_they_are():
    kept = ["'a  //  b'", '"it\'s  \\"so\\""', "`a  ${b}  c`", "/[ /]  \\/ /.test(x)"]
    for text in kept:
        assert source.squeeze(f"x = {text} ;  // and so on") == f"x={text};"
    assert source.squeeze("x = a + +b - -c / d / e") == "x=a+ +b- -c/d/e"
    assert source.squeeze("return x") == "return x"


def test_the_widget_unpacks_the_same_module():
    loader = source.widget()
    letters = re.search(r'atob\("([^"]+)"\)', loader)[1]
    assert zlib.decompress(base64.b64decode(letters), -15).decode() == source.script()
    assert len(loader) < 50_000
