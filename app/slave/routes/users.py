"""Routes of the host's users."""

import orjson

from app.slave.services import SlaveServices
from app.slave.wire import UserOut, UserQuery
from app.web.router import Api, Reply


def declare_users(api: Api, services: SlaveServices) -> None:
    """Adds the routes."""

    @api.route("GET", "/remote-api/users", access="read", errors=[503], answer=list[UserOut], cache="content")
    def list_users() -> Reply:
        """The users that the host's user database lists, by uid. Others may exist: a directory need not list all."""
        users = services.names.list_users()
        return Reply(orjson.dumps([{"uid": uid, "name": name} for uid, name in users]))

    @api.route("GET", "/remote-api/users/resolve", access="read", errors=[404, 503])
    def resolve_user(query: UserQuery) -> UserOut:
        """The uid of the user whom the host knows by this name."""
        return UserOut(uid=services.names.resolve(query.username), name=query.username)
