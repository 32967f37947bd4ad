"""Where a login leads stays within the dashboard, whatever was asked for."""

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.auth.routes import LONGEST_PATH, local_path

HERE = "https://qman.example/auth/callback"
TRICKS = st.text(alphabet="/\\.:@?#%\t\r\n\x00 évil0a25fhtps-;&=", max_size=30)


def browser_goes(location: str) -> str:
    """Where a browser goes: a backslash is a slash to it, and tabs and newlines are nothing (WHATWG URL)."""
    seen = location.translate({ord(c): None for c in "\t\r\n"}).replace("\\", "/").strip(" \x00")
    return urljoin(HERE, seen)


@given(st.one_of(st.text(), TRICKS, TRICKS.map("/{}".format)))
@example("//evil.example")
@example("/\\evil.example")
@example("/\t/evil.example")
@example("https:evil.example")
@example("/" + "é" * 1000)
def test_no_text_leads_to_another_site(wanted: str) -> None:
    path = local_path(wanted)
    assert path.startswith("/")
    assert path.isascii()
    assert path.isprintable()
    assert len(path) <= LONGEST_PATH
    parts = urlsplit(browser_goes(path))
    assert (parts.scheme, parts.netloc) == ("https", "qman.example")


@given(st.one_of(TRICKS, st.text()))
def test_what_was_made_safe_stays_so(wanted: str) -> None:
    assert local_path(local_path(wanted)) == local_path(wanted)


@pytest.mark.parametrize("path", ["/", "/hosts", "/hosts/h1/device?name=/dev/sda1&x=1#top", "/people?q=a%20b"])
def test_the_dashboard_s_own_paths_stay_as_they_are(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize("wanted", ["", "hosts", "?x", "//", "https://qman.example/", "javascript:alert(1)", "/a\nb"])
def test_anything_else_is_the_first_page(wanted: str) -> None:
    assert local_path(wanted) == "/"
