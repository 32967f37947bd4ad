"""Docker's objects on all hosts, and what belongs to whoever is logged in."""

from app.auth.caller import Caller
from app.master.docker.history import ObjectHistories
from app.master.docker.pages import DockerPages
from app.master.docker.saying import Attributions, Claims
from app.master.wire.docker import (
    ClaimIn,
    DockerHostOut,
    DockerReviewOut,
    DockerReviewQuery,
    HostAttributedOut,
    HostAttributionIn,
    HostObjectQuery,
    MyClaimOut,
    MyDockerOut,
    ObjectHistoryOut,
    ObjectHistoryQuery,
)
from app.master.wire.pages import PageQuery
from app.web.router import Api

_CHANGING = (404, 409, 502, 503, 504, 507)


def add_docker_objects(
    api: Api, pages: DockerPages, histories: ObjectHistories, attributions: Attributions, claims: Claims
) -> None:
    """`/api/admin/docker/…` and `/api/me/docker…`."""

    @api.route("GET", "/api/admin/docker/hosts/{host_id}", access="admin", errors=(404,), cache="page")
    def get_docker_of_host(host_id: str) -> DockerHostOut:
        """Docker's objects on a host, as last read: whose, how that is known, and how big.

        Nobody waits for the host: what is older than 15 seconds is read aside, and there the next time.
        """
        return pages.host(host_id)

    @api.route("GET", "/api/admin/docker/review-queue", access="admin", cache="page")
    def get_docker_review_queue(query: DockerReviewQuery) -> DockerReviewOut:
        """What is not certainly somebody's, on all hosts that have Docker: what is claimed first."""
        return pages.review(query)

    @api.route("GET", "/api/admin/docker/history", access="admin", cache="page")
    def get_docker_object_history(query: ObjectHistoryQuery) -> ObjectHistoryOut:
        """Who said whose an object on a host is, when and why, and who claimed it: the newest first."""
        return histories.of(query)

    @api.route("POST", "/api/admin/docker/attributions", access="admin", errors=_CHANGING)
    def attribute_docker_object(caller: Caller, body: HostAttributionIn) -> HostAttributedOut:
        """Says whose an object on a host is. Claims for that user are confirmed by it, others denied."""
        return attributions.set(caller, body)

    @api.route("DELETE", "/api/admin/docker/attributions", access="admin", errors=_CHANGING)
    def withdraw_docker_attribution(caller: Caller, query: HostObjectQuery) -> HostAttributedOut:
        """Takes back what an admin said: what is known besides holds again."""
        return attributions.withdraw(caller, query)

    @api.route("GET", "/api/me/docker", access="user", cache="page")
    def get_my_docker(caller: Caller, query: PageQuery) -> MyDockerOut:
        """What my share of Docker's stores consists of, the largest first; then what may be mine; and my claims."""
        return pages.mine(caller, query)

    @api.route("POST", "/api/me/docker/claims", access="user", errors=(404, 507))
    def claim_docker_object(caller: Caller, body: ClaimIn) -> MyClaimOut:
        """Says that something is mine that is not known to be anybody's. It counts when an admin has confirmed it.

        `id` may be its name, or how its id begins, where that is one thing only among those that may be mine.
        """
        return claims.claim(caller, body)
