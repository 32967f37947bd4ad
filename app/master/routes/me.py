"""What belongs to whoever is logged in."""

from app.auth.caller import Caller
from app.master.pages.people import PeoplePages
from app.master.pages.rows import RowPages
from app.master.wire.pages import PageQuery
from app.master.wire.people import MeOut
from app.master.wire.rows import RowsOut
from app.web.router import Api
from app.web.wire import JsonObject


def add_me(api: Api, people: PeoplePages, rows: RowPages) -> None:
    """`/api/me` and what stands below it."""

    @api.route("GET", "/api/me", access="user")
    def get_me(caller: Caller) -> MeOut:
        """Who I am, and which accounts are mine."""
        return people.me(caller)

    @api.route("GET", "/api/me/quotas", access="user", answer=RowsOut, cache="page")
    def get_my_quotas(caller: Caller, query: PageQuery) -> JsonObject:
        """My quotas on all hosts, the fullest first."""
        return rows.mine(caller.person.id, caller.person.matched_name, query)
