"""A proof as a single HTML file with its pictures inside, which opens in any browser."""

import base64
from html import escape

from matting.arrays import Image
from matting.files import encode_image
from matting.training.results.proof import Proof, greys

STYLE = """
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100%; table-layout: fixed }
th, td { padding: .3rem; text-align: left; font-weight: normal }
img { width: 100%; display: block }
"""


def proof_page(proof: Proof, title: str) -> str:
    """The page as HTML, under that title."""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>'
        f"<body><h1>{escape(title)}</h1>{proof_body(proof)}</body></html>\n"
    )


def proof_body(proof: Proof) -> str:
    """The content of the page: sentences, and test pictures side by side."""
    lines = "".join(f"<li>{escape(line)}</li>" for line in proof.sentences)
    rows = "".join(
        "<tr>" + "".join(f"<td>{_tag(picture, name)}</td>" for name, picture in pictures) + "</tr>"
        for one in proof.shown
        for pictures in [_named(one.image, greys(one.before), greys(one.after), greys(one.truth))]
    )
    head = "<tr>" + "".join(f"<th>{name}</th>" for name in NAMES) + "</tr>"
    return f"<ul>{lines}</ul>" + (f'<table class="proof">{head}{rows}</table>' if rows else "")


NAMES = ("Photo", "Before", "After", "Truth")


def _named(*pictures: Image) -> list[tuple[str, Image]]:
    return list(zip(NAMES, pictures, strict=True))


def _tag(picture: Image, name: str) -> str:
    content = base64.b64encode(encode_image(picture, ".jpg")).decode()
    return f'<img alt="{name}" src="data:image/jpeg;base64,{content}">'
