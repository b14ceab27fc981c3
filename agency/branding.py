"""How an agency looks on the pages that carry its name."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

from agency.models import Agency

LARGEST_LOGO = 200_000
_LIGHT, _DARK = "#ffffff", "#161b21"  # the surfaces that words in the brand's colour stand on
_INK = "#000000"
_ENOUGH = 4.5  # WCAG 2.2 AA for text


@dataclass(frozen=True)
class Brand:
    name: str
    colour: str  # '#2f5bd8'
    on_colour: str  # words upon it
    ink_light: str  # words in it, on a light page: darkened until legible
    ink_dark: str  # words in it, on a dark page
    logo_data_uri: str  # '' without a logo


def brand(agency: Agency) -> Brand:
    colour = agency.colour if re.fullmatch("#[0-9a-fA-F]{6}", agency.colour) else "#2f5bd8"
    return Brand(agency.name, colour, text_on(colour), _legible(colour, _LIGHT), _legible(colour, _DARK), logo_data_uri(agency))


def logo_data_uri(agency: Agency) -> str:
    if not agency.logo:
        return ""
    return f"data:{agency.logo_type};base64,{base64.b64encode(bytes(agency.logo)).decode()}"


def text_on(colour: str) -> str:
    return max((_LIGHT, _INK), key=lambda text: contrast(text, colour))


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio, 1 to 21."""
    bright, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _legible(colour: str, surface: str) -> str:
    """The colour, moved towards black or white until it can be read on the surface."""
    goal = (0, 0, 0) if surface == _LIGHT else (255, 255, 255)
    parts = _parts(colour)
    for step in range(21):
        mixed = [round(part + (end - part) * step / 20) for part, end in zip(parts, goal, strict=True)]
        found = "#{:02x}{:02x}{:02x}".format(*mixed)
        if contrast(found, surface) >= _ENOUGH:
            break
    return found


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
