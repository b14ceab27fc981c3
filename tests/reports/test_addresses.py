from __future__ import annotations

import pytest

from reports.templatetags.addresses import breakable


@pytest.mark.parametrize(
    ("address", "html"),
    [
        ("news@mail.acme.example", "news<wbr>@mail<wbr>.acme<wbr>.example"),
        ("@.odd", "@<wbr>.odd"),
        ("<b>@x.example", "&lt;b&gt;<wbr>@x<wbr>.example"),
        ("", ""),
    ],
)
def test_an_address_breaks_before_its_signs_and_stays_text(address: str, html: str) -> None:
    assert breakable(address) == html
