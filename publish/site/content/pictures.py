"""Pictures of the site: its icon in the sizes that browsers ask for, and the preview that a shared link shows."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, Final

from PIL import Image, ImageDraw, ImageFont

from publish.site.content.edition import Edition
from publish.site.words.labels import count_text, day_text

_ACCENT: Final = "#0b6b61"
_PAPER: Final = "#fcfcfa"
_INK: Final = "#1b2421"
_QUIET: Final = "#55615c"
_PREVIEW: Final = (1200, 630)
_MARGIN: Final = 90
_TITLE: Final = 66
_TOUCH: Final = 180
_FAVICON: Final = 32
_GRID: Final = 24
"""The icon is drawn on a grid of 24, as icon.svg is."""
_FINER: Final = 8
"""It is drawn so many times larger, and made smaller then: edges stay smooth."""
_DOOR: Final = ((12.5, 5.5), (6.3, 5.5), (5.5, 6.3), (5.5, 17.7), (6.3, 18.5), (12.5, 18.5))
_ARROW: Final = (((10, 12), (19, 12)), ((15.8, 8.8), (19, 12), (15.8, 15.2)))


def picture_files(edition: Edition) -> dict[str, bytes]:
    """The pictures by path: a preview for shared links, an icon for home screens, and one for old browsers."""
    return {
        "static/preview.png": _png(_preview(edition)),
        "static/touch-icon.png": _png(_icon(_TOUCH, rounded=False)),
        "favicon.ico": _written(_icon(_FAVICON), "ICO", sizes=[(_FAVICON, _FAVICON)]),
    }


def _preview(edition: Edition) -> Image.Image:
    picture = Image.new("RGB", _PREVIEW, _PAPER)
    picture.paste(_icon(120), (_MARGIN, _MARGIN))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, _PREVIEW[1] - 14, _PREVIEW[0], _PREVIEW[1]), fill=_ACCENT)
    draw.text((_MARGIN + 155, _MARGIN + 30), "AKS egress catalog", font=ImageFont.load_default(50), fill=_INK)
    height = 260
    for text, size, colour in _lines(edition):
        height += 0 if size == _TITLE else 24
        draw.text((_MARGIN, height), text, font=ImageFont.load_default(size), fill=colour)
        height += round(size * 1.35)
    return picture


def _lines(edition: Edition) -> Iterator[tuple[str, int, str]]:
    yield "What an AKS cluster", _TITLE, _INK
    yield "must be allowed to reach", _TITLE, _INK
    counts = [
        count_text(len(edition.catalog.rules), "rule"),
        count_text(len({rule.cloud for rule in edition.catalog.rules}), "cloud"),
        count_text(len({rule.feature for rule in edition.catalog.rules}), "feature"),
    ]
    day = edition.catalog.facts_date
    yield ", ".join(counts) + (f", as of {day_text(day)}" if day else ""), 34, _QUIET


def _icon(size: int, *, rounded: bool = True) -> Image.Image:
    """A door with an arrow out of it; home screens round the corners themselves."""
    scale = size * _FINER / _GRID
    picture = Image.new("RGB", (size * _FINER, size * _FINER), _PAPER)
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((0, 0, *picture.size), radius=5 * scale if rounded else 0, fill=_ACCENT)
    for line in (_DOOR, *_ARROW):
        points = [(across * scale, down * scale) for across, down in line]
        draw.line(points, fill="white", width=round(2.2 * scale), joint="curve")
        for across, down in (points[0], points[-1]):
            draw.circle((across, down), 1.1 * scale, fill="white")
    return picture.resize((size, size), Image.Resampling.LANCZOS)


def _png(picture: Image.Image) -> bytes:
    return _written(picture.quantize(64), "PNG", optimize=True)


def _written(picture: Image.Image, form: str, **options: Any) -> bytes:
    content = io.BytesIO()
    picture.save(content, form, **options)
    return content.getvalue()
