"""Subject lines as shops, associations and software firms write them."""

from __future__ import annotations

from random import Random

SHOP = (
    "New in: the {season} collection",
    "Last chance: {n} % off ends tonight",
    "Your weekly favourites, restocked",
    "Free delivery until Sunday",
    "{n} ideas for a calmer {room}",
    "Back in your size",
    "Members first: preview of the {month} sale",
    "What our customers bought in {month}",
    "You left something behind",
    "A small thank-you inside",
    "How we make our {item}",
    "Still thinking it over?",
)
TRADE = (
    "Minutes of the {month} round table",
    "{month} newsletter: {n} things to know",
    "Reminder: registration closes Friday",
    "Your invoice for {month}",
    "Product update {n}.{m}: faster exports",
    "Webinar: getting started in {n} minutes",
    "Save the date: autumn meeting",
    "Case study: {n} % less paper",
    "Changes to our terms from {month}",
    "Your monthly summary is ready",
    "Questions we were asked in {month}",
    "Meet us at the fair, hall {n}",
)
NOTE = ("A note from the workshop", "This week's small batch", "Open on Friday", "Thank you for your order")
# Vendors pass subjects through as senders wrote them, and some senders write these.
HOSTILE = (
    '=cmd|"/c calc"!A1, your voucher',
    "<script>alert('tasting')</script> & other \"secrets\"",
    "Prosit 🍺🥨 – „zwei für eins“, nur heute",
    '"Brunnen", the letter; no. 5, part 2',
)

FIRST_NAMES = (
    "Ada", "Ben", "Cleo", "Dana", "Emil", "Fay", "Gus", "Hana", "Ivo", "June", "Kai", "Lea", "Milo", "Nora", "Otis",
    "Pia", "Quinn", "Rosa", "Sven", "Tara", "Uma", "Vito", "Wanda", "Yara", "Zeno", "Amir", "Bea", "Carl", "Dora",
    "Enzo",
)  # fmt: skip
FOR_YOU = (
    "{name}, your size is back",
    "{name}, a chair for your corner",
    "Picked for {name}",
    "Happy birthday, {name}!",
)

_WORDS: dict[str, tuple[str, ...]] = {
    "season": ("spring", "summer", "autumn", "winter"),
    "month": ("January", "March", "May", "July", "September", "October", "November"),
    "room": ("kitchen", "hallway", "bedroom", "study"),
    "item": ("lamps", "jackets", "teapots", "notebooks"),
}


def written(template: str, rng: Random) -> str:
    """The template with its gaps filled."""
    words = {name: rng.choice(choices) for name, choices in _WORDS.items()}
    return template.format(n=rng.randrange(3, 40), m=rng.randrange(10), name=rng.choice(FIRST_NAMES), **words)
