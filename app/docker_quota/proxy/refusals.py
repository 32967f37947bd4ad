"""What the proxy answers by itself."""

import json
from http import HTTPStatus


class RefusedRequestError(Exception):
    """The request does not reach dockerd. `status` and `message` are what the client is told."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def bad_request(message: str) -> RefusedRequestError:
    """400: dockerd might read it in another way than the proxy does, so nobody reads it."""
    return RefusedRequestError(HTTPStatus.BAD_REQUEST, message)


def answer_of(refusal: RefusedRequestError) -> bytes:
    """The answer as Docker's clients expect it: they print `message` as the daemon's error."""
    body = json.dumps({"message": f"qman docker-proxy: {refusal.message}"}).encode() + b"\n"
    head = (
        f"HTTP/1.1 {refusal.status.value} {refusal.status.phrase}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Connection: close",
    )
    return "\r\n".join((*head, "", "")).encode() + body
