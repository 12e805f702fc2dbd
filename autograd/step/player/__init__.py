"""The player: steps on a page, in a notebook, in an animated picture. All of them paint a script (`step/script.py`).

`pack` makes a script small and adds what is folded; `source` joins the player's own JavaScript and style sheet, which
lie in `source/`; `page` makes one offline file of both, `widget` a live widget for Jupyter and marimo, `animation` an
SVG that needs no script. `front` is what people call.
"""
