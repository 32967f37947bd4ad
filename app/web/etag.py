"""ETags that ignore when something was measured, and conditional answers."""

import re
from hashlib import blake2b

from flask import Response, request
from werkzeug.datastructures import ETags

_VOLATILE = re.compile(rb'"(?:measured_at|taken_at|age_seconds|request_id)":(?:"[^"]*"|[^,}\]]*)')
_AGES = re.compile(rb'"(?:age_seconds|request_id)":(?:"[^"]*"|[^,}\]]*)')


def content_etag(body: bytes) -> str:
    """The ETag of a JSON body without its instants of measuring and ages: alike figures, alike ETag."""
    return blake2b(_VOLATILE.sub(b"", body), digest_size=16).hexdigest()


def page_etag(body: bytes) -> str:
    """The ETag of a JSON body for people, who see when it was taken: only ages are ignored, they follow from it."""
    return blake2b(_AGES.sub(b"", body), digest_size=16).hexdigest()


def matches(etag: str) -> bool:
    """Does the request say that it has this version?"""
    return etag in etags_in(request.if_none_match)


def etags_in(header: ETags) -> set[str]:
    """The ETags of a header, without the suffix of a compressed variant (`:br`). An empty one, to Werkzeug, is None."""
    return {known.split(":", 1)[0] for known in header.as_set(include_weak=True) if known}


def with_etag(response: Response, etag: str) -> Response:
    """Adds the ETag; a request that has this version already gets 304 without a body."""
    if response.status_code == 200 and matches(etag):  # noqa: PLR2004 - only an OK can be "not modified"
        response = Response(status=304, headers={"Cache-Control": response.headers.get("Cache-Control", "no-cache")})
    response.set_etag(etag, weak=False)
    return response
