"""The player and the widget in JupyterLab, in a notebook that is opened again, and in exported HTML."""

import pytest

nbformat = pytest.importorskip("nbformat", reason="the package nbformat is not installed")
nbconvert = pytest.importorskip("nbconvert", reason="the package nbconvert is not installed")
NotebookNotary = pytest.importorskip("nbformat.sign").NotebookNotary

CELLS = [
    """from autograd import Value, step_through, tanh
a, b = Value(0.5), Value(-2.0)
y = tanh(a * b) + a
steps = step_through(y)
steps""",
    "w = steps.widget()\nw",
]
READY = "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
FRAME = "iframe[title^='The backward pass']"


def write(path, cells):
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    made = [nbformat.v4.new_code_cell(cell) for cell in cells]
    nbformat.write(nbformat.v4.new_notebook(cells=made, metadata={"kernelspec": kernel}), path)


def run(page, command):
    """Start a command of JupyterLab, without waiting for its end."""
    page.evaluate("name => { window.jupyterapp.commands.execute(name); }", command)


@pytest.fixture(scope="module")
def notebook(lab, context):
    """A notebook that has been run in JupyterLab and saved: its path, and the page it is on."""
    folder, _, address = lab
    write(folder / "steps.ipynb", CELLS)
    page = context.new_page()
    page.set_default_timeout(60_000)
    errors, strangers = [], []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: strangers.append(request.url) if elsewhere(request.url) else None)
    page.goto(address("steps.ipynb"))
    page.wait_for_function(READY)
    run(page, "notebook:run-all-cells")
    page.wait_for_selector(FRAME)
    page.wait_for_selector(".jp-OutputArea .chainrule[data-position]")
    run(page, "docmanager:save")
    yield folder / "steps.ipynb", page
    page.close()
    assert strangers == []
    assert errors == []


def elsewhere(url):
    return not url.startswith(("file:", "data:", "blob:", "about:", "http://127.0.0.1:", "ws://127.0.0.1:"))


def press(page, player, *keys):
    player.focus()
    for key in keys:
        page.keyboard.press(key)
    return int(player.get_attribute("data-position"))


def test_the_player_steps_inside_of_a_cell(notebook):
    _, page = notebook
    player = page.frame_locator(FRAME).locator(".chainrule")
    assert press(page, player, "Home") == 0
    assert press(page, player, "ArrowRight", "ArrowRight") == 2
    assert press(page, player, "End") == 11


def test_the_widget_and_python_hear_one_another(notebook):
    _, page = notebook
    player = page.locator(".jp-OutputArea .chainrule")
    assert press(page, player, "End") == 11
    player.locator(".turn").last.click()
    editor = player.locator(".editor input[type=number]")
    press(page, player, "/")
    page.keyboard.type("a")
    page.keyboard.press("Enter")
    editor.fill("1.25")
    cells = [
        "import math",
        "exact = 1 + (1 - math.tanh(-2.5) ** 2) * -2.0",
        "w.position = len(w.stepper) - 1",
        "print(w.values, abs(w.stepper.grad('a') - exact) < 1e-12, a.data)",
        "w.position = 3",
    ]
    run(page, "notebook:insert-cell-below")
    page.locator(".jp-Notebook .jp-CodeCell .cm-content").last.fill("\n".join(cells))
    run(page, "notebook:run-cell")
    page.wait_for_selector(".jp-OutputArea-output:has-text('True')")
    assert page.locator(".jp-OutputArea-output:has-text('True')").last.inner_text().strip() == "{'a': 1.25} True 0.5"
    page.wait_for_selector(".jp-OutputArea .chainrule[data-position='4']")
    shown = player.evaluate("one => one.player.trace.values[one.player.trace.root]")
    assert shown == pytest.approx(-0.986614298151430 + 1.25, rel=1e-12)


@pytest.fixture(scope="module")
def saved(notebook, lab):
    """The notebook as it was saved: signed, as by the one who ran it, and not."""
    found = nbformat.read(notebook[0], 4)
    found.cells = found.cells[:1]
    folder, home, _ = lab
    nbformat.write(found, folder / "stranger.ipynb")
    found.metadata["mine"] = True
    nbformat.write(found, folder / "mine.ipynb")
    NotebookNotary(data_dir=str(home / "JUPYTER_DATA_DIR")).sign(found)
    return found


def opened_again(page, address):
    """Open a notebook, and end the kernel that JupyterLab starts for it."""
    page.goto(address)
    page.wait_for_function(READY)
    run(page, "kernelmenu:shutdown")
    page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.sessionContext.session")


def test_a_notebook_that_is_opened_again_steps_without_a_kernel(saved, lab, watched):
    opened_again(watched, lab[2]("mine.ipynb"))
    player = watched.frame_locator(FRAME).locator(".chainrule")
    assert press(watched, player, "Home") == 0
    assert press(watched, player, "End") == 11


@pytest.mark.slow
def test_a_stranger_s_notebook_shows_the_picture(saved, lab, watched):
    opened_again(watched, lab[2]("stranger.ipynb"))
    picture = watched.locator(".jp-OutputArea img")
    picture.wait_for()
    assert picture.evaluate("image => image.complete && image.naturalWidth > 300")
    assert watched.locator("iframe").count() == 0


def test_exported_html_steps_from_a_file(saved, context, tmp_path):
    html, _ = nbconvert.HTMLExporter().from_notebook_node(saved)
    (tmp_path / "exported.html").write_text(html, "utf-8")
    page = context.new_page()
    inside = []
    page.on("request", lambda request: inside.append(request.url) if request.frame.parent_frame else None)
    page.route("**/*", lambda route: route.abort() if elsewhere(route.request.url) else route.continue_())
    page.goto((tmp_path / "exported.html").as_uri(), wait_until="commit")  # its own MathJax is not to be had
    player = page.frame_locator(FRAME).locator(".chainrule")
    assert press(page, player, "End") == 11
    assert player.locator(".phase").inner_text() == "backward 6 of 6"
    assert all(not elsewhere(url) for url in inside)
    page.close()


@pytest.mark.slow
def test_the_player_is_as_dark_as_the_notebook(saved, lab, watched):
    watched.goto(lab[2]("mine.ipynb"))
    watched.wait_for_function(READY)
    watched.evaluate("() => window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})")
    watched.wait_for_selector("body[data-jp-theme-light='false']", state="attached")
    watched.reload()
    watched.wait_for_selector("body[data-jp-theme-light='false']", state="attached")
    watched.frame_locator(FRAME).locator(".chainrule[data-theme='dark']").wait_for()
    watched.evaluate("() => window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Light'})")
