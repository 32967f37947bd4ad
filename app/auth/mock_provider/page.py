"""The page on which one chooses who to be."""

from collections.abc import Iterable, Mapping

from markupsafe import Markup

from app.auth.mock_provider.users import MockUser

STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 26rem; margin: 10vh auto; padding: 0 1rem; }
button { display: block; width: 100%; padding: .7rem 1rem; margin: .5rem 0; font: inherit; text-align: left;
  border: 1px solid; border-radius: .5rem; background: Canvas; color: CanvasText; cursor: pointer; }
button:hover, button:focus-visible { outline: 3px solid Highlight; }
small { opacity: .8; }
"""

_PAGE = Markup("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Log in - mock provider</title><link rel="stylesheet" href="/style.css"></head>
<body><main><h1>Who are you?</h1>
<p>This is qman's mock provider, for development: no password.</p>
<form method="get" action="/authorize">{hidden}{buttons}</form></main></body></html>
""")
_HIDDEN = Markup('<input type="hidden" name="{}" value="{}">')
_BUTTON = Markup('<button name="user_id" value="{}">{} <small>{}</small></button>')


def page_of(users: Iterable[MockUser], parameters: Mapping[str, str]) -> str:
    """The page as HTML; everything from outside is escaped."""
    hidden = Markup("").join(_HIDDEN.format(name, value) for name, value in parameters.items() if name != "user_id")
    buttons = Markup("").join(_BUTTON.format(user.id, user.name, ", ".join(user.groups)) for user in users)
    return str(_PAGE.format(hidden=hidden, buttons=buttons))
