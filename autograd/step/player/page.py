"""Page: steps as one file of HTML, which needs nothing else: no server, no network, no kernel."""

from __future__ import annotations

import json
from base64 import b64encode
from html import escape
from typing import Any

from autograd.step.player.source import script as program
from autograd.step.player.source import style

# When the frame is there, the picture is not needed. And it is told how light the notebook is, which it cannot see.
ON_LOAD = (
    "this.closest('div:has(>img.steps)')?.querySelector('img.steps').style.setProperty('display','none');"
    "const c=document.createElement('canvas').getContext('2d',{willReadFrequently:true});let one=this,r,g,b,a=0;"
    "while((one=one.parentElement)&&!a){c.fillStyle=getComputedStyle(one).backgroundColor;c.fillRect(0,0,1,1);"
    "[r,g,b,a]=c.getImageData(0,0,1,1).data}"
    "this.contentWindow.postMessage({theme:a&&3*r+6*g+b<1280?'dark':'light'},'*')"
)


def page(packed: dict[str, Any]) -> str:
    """A page that plays a packed script."""
    title = escape(packed["title"])
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<style>html,body{{margin:0;height:100%}}#player{{height:100%}}{style()}</style></head>\n"
        f'<body><div id="player"></div>\n<script type="application/json" id="script">{data(packed)}</script>\n'
        f'<script type="module">{program()}\n'
        "const [player,script]=['player','script'].map(id=>document.getElementById(id));"
        "const shown=new Player(player,JSON.parse(script.textContent));"
        "if(self===top)shown.element.focus();"  # the keys are its own, where nobody else is on the page
        "onmessage=event=>event.data.theme&&shown.setTheme(event.data.theme);"
        "</script></body></html>\n"
    )


def data(packed: dict[str, Any]) -> str:
    """A packed script as JSON that cannot end the element it stands in."""
    return json.dumps(packed, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def framed(packed: dict[str, Any], picture: str, height: int = 640) -> str:
    """The page inside of a notebook's cell, and beneath it a picture for places that take frames away.

    The frame may run its own script, and cannot reach the notebook around it. A notebook that is not trusted is shown
    without it, and then the picture is seen.
    """
    source = page(packed).replace("&", "&amp;").replace("'", "&#39;")
    image = b64encode(picture.encode()).decode()
    words = escape(packed["title"])
    cell = "grid-area:1/1;width:100%;border:0"
    return (
        f'<div style="display:grid;align-items:start">'
        f'<img class="steps" style="grid-area:1/1;max-width:100%;max-height:{height}px" alt="{words}" '
        f'src="data:image/svg+xml;base64,{image}">'
        f'<iframe style="{cell};height:{height}px;position:relative" title="The backward pass, step by step" '
        f'sandbox="allow-scripts" onload="{ON_LOAD}" srcdoc=\'{source}\'></iframe></div>'
    )
