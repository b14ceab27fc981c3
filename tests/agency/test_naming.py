"""A name must be something that can be seen."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.forms import Form

from agency.forms import BrandingForm, SetupForm
from agency.naming import visible
from clients.forms import ClientForm
from clients.forms.campaigns import NewCampaignForm
from clients.forms.connections import ConnectionForm
from clients.forms.test_edits import EditTestForm
from clients.forms.tests import NewTestForm
from reports.forms import LinkForm
from tests.cast import Cast

FINE = ["Acme", "7", "…", "Ωmega", "北", "क्‍ष", "👩‍🚀", "نام\u200f", "e\u0301"]
UNSEEN = [
    "\u200b",
    "\u200d\u2060\ufeff",
    "\u0301\u0300",
    "\u202e\u202c",
    "\u00ad",
    "\u3164",
    "\u2800",
    " \u00a0 ",
    "\ue000",
    "\x01",
]


@pytest.mark.parametrize("name", FINE)
def test_what_can_be_seen_is_taken(name: str) -> None:
    visible(name)


@pytest.mark.parametrize("name", UNSEEN)
def test_what_nobody_sees_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="Nothing of this can be seen"):
        visible(name)


@pytest.mark.parametrize("name", ["Acme\u202eecmA", "a\u2066b"])
def test_a_name_that_reads_as_another_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="turns the direction"):
        visible(name)


@pytest.mark.parametrize("name", ["a\x1b[31mred", "a\x01b", "two\nlines", "a\tb", "a\x7f", "a\x85b", "a\x00"])
def test_a_name_with_controls_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="control character"):
        visible(name)


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (LinkForm, "name"), (NewCampaignForm, "name"), (NewTestForm, "name"), (EditTestForm, "name"), (ConnectionForm, "label"),
        (SetupForm, "agency"),
    ],
)  # fmt: skip
def test_each_form_that_gives_a_name_asks_for_one_that_is_seen(form: type[Form], field: str) -> None:
    with pytest.raises(ValidationError, match="Nothing of this can be seen"):
        form.base_fields[field].clean("\u200b\u2060")


@pytest.mark.django_db
def test_a_client_its_tags_and_the_agency_too(cast: Cast) -> None:
    client = ClientForm({"name": "\u200b", "tags": "vip, \u200b", "timezone": "UTC", "slug": "x"}, agency=cast.north)
    agency = BrandingForm({"name": "\u202e", "colour": "#000000"}, instance=cast.north)
    for form, names in ((client, {"name", "tags"}), (agency, {"name"})):
        assert set(form.errors) == names
        assert all("Nothing of this can be seen" in form.errors[name][0] for name in names)
