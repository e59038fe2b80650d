"""Fonts of words on paper: names are written in every script, and matplotlib's own font has not all of them."""

from __future__ import annotations

from functools import cache
from typing import Final

OWN: Final = "DejaVu Sans"  # comes with matplotlib: Latin, Greek, Cyrillic, and more
# What Linux, macOS and Windows bring for the scripts that it lacks. Of a letter the first font that has it is taken.
OTHERS: Final = (
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "Source Han Sans",
    "WenQuanYi Micro Hei",
    "IPAPGothic",
    "Hiragino Sans",
    "PingFang SC",
    "Apple SD Gothic Neo",
    "Arial Unicode MS",
    "Yu Gothic",
    "Microsoft YaHei",
    "Malgun Gothic",
    "Nirmala UI",
    "Leelawadee UI",
    "Noto Sans Devanagari",
    "Noto Sans Thai",
)


@cache
def families() -> list[str]:
    """Return the font that words are written in, and behind it those on this computer that have what it lacks."""
    from matplotlib.font_manager import fontManager

    installed = set(fontManager.get_font_names())
    return [OWN, *(name for name in OTHERS if name in installed)]
