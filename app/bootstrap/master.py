"""Builds a master."""

import sys
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from flask import Flask

from app.auth.bearer import BearerTokens
from app.auth.guard import Guard, Sessions
from app.auth.oidc.http import ProviderHttp
from app.auth.oidc.login import Login
from app.auth.oidc.provider import Provider
from app.auth.rate import LoginRate
from app.auth.routes import LoginPages, add_login
from app.bootstrap.changes import ChangeParts
from app.bootstrap.chore_process import start_chores
from app.bootstrap.collecting import MOST_ENROLLED, OpenQueue, client_for, pace_of, planning
from app.bootstrap.docker_hosts import add_docker
from app.bootstrap.hosts import HostParts, host_administration, host_parts, slave_events, sync_hosts
from app.db.engine import Database
from app.db.migrate import ensure_schema
from app.master.api import document, new_api
from app.master.changes.runner import ChangeRunner
from app.master.collector.pace import Pace
from app.master.collector.rounds import Rounds
from app.master.collector.service import EmbeddedCollector
from app.master.collector.slave_client import SlaveClient
from app.master.docker.reading import DockerReadings
from app.master.exports.rows import RowExport
from app.master.fleet import Fleet
from app.master.freshness import Freshness
from app.master.pages.audit import AuditPages
from app.master.pages.history import HistoryPages
from app.master.pages.hosts import HostPages
from app.master.pages.metrics import MetricsPages
from app.master.pages.overview import OverviewPages
from app.master.pages.people import PeoplePages
from app.master.pages.quotas import QuotaPages
from app.master.pages.rows import RowPages
from app.master.pages.standstill import Standstills
from app.master.people import Mappings
from app.master.routes.admin import add_admin
from app.master.routes.exports import add_exports
from app.master.routes.health import add_health
from app.master.routes.history import add_history
from app.master.routes.hostadmin import add_host_administration
from app.master.routes.hosts import add_hosts
from app.master.routes.me import add_me
from app.master.routes.metrics import add_metrics
from app.master.routes.quotas import add_quotas
from app.master.routes.slave_events import add_slave_events
from app.master.routes.tokens import add_tokens
from app.master.tokens import Tokens
from app.quota.clock import Clock, utc_now
from app.settings.master import MasterSettings
from app.settings.oauth import OAuthSettings, load_oauth_settings, oauth_path
from app.web.app import new_app
from app.web.router import Api, Reply
from app.web.spa import install_spa
from app.web.turns import Turns

SWITCH_SECONDS = 0.001
"""Threads that read hosts hand the interpreter on sooner than by default: a page asks for it at every row."""
STATIC = Path(__file__).resolve().parents[2] / "static"


@dataclass(frozen=True, slots=True)
class Master:
    """A master's parts, so that tests can reach them."""

    app: Flask
    api: Api
    database: Database
    fleet: Fleet
    hosts: HostParts
    client: SlaveClient
    runner: ChangeRunner
    pace: Pace
    clock: Clock
    docker: DockerReadings

    def new_rounds(self) -> Rounds:
        """The collector's rounds over this fleet, with connections of their own."""
        return Rounds(self.database, self.fleet, client_for(self.fleet, self.clock), self.clock, self.pace)


def create_master_app(settings: MasterSettings, open_queue: OpenQueue) -> Flask:
    """The WSGI app of a master: the database at its newest schema, the collector started.

    SettingsError, DatabaseUnavailableError.
    """
    sys.setswitchinterval(SWITCH_SECONDS)
    oauth = load_oauth_settings(oauth_path(), settings)
    database = Database(settings.DATABASE_URL)
    if not database.is_sqlite:
        database.check()
    ensure_schema(database)
    master = make_master(settings, oauth, database, utc_now)
    sync_hosts(master.hosts, database)
    if settings.EMBEDDED_COLLECTOR:
        make = partial(planning, settings, database, master.fleet, utc_now, open_queue)
        EmbeddedCollector(database, utc_now, make).start()
    if settings.EMBEDDED_CHORES:
        start_chores(database, utc_now)
    master.runner.start()
    return master.app


def master_document() -> dict[str, Any]:
    """The OpenAPI document of a master."""
    return document(make_master(MasterSettings(), None, Database("sqlite://"), utc_now).api)


def make_master(settings: MasterSettings, oauth: OAuthSettings | None, database: Database, clock: Clock) -> Master:
    """Puts a master together; starts nothing, touches nothing."""
    hosts = host_parts(settings, database)
    client = SlaveClient(clock, hosts=max(MOST_ENROLLED, len(settings.SLAVES)))
    sessions = Sessions(database, clock, timedelta(hours=settings.SESSION_HOURS))
    app, api = new_app("qman_master"), new_api()
    changes = ChangeParts(hosts.fleet, database, clock, client, settings.REQUIRE_REASON)
    runner = changes.runner()
    changes.add_to(api, runner)
    _add_pages(api, settings, hosts, database, clock, client)
    docker = add_docker(api, settings, hosts.fleet, database, clock, client)
    add_login(api, _login_pages(settings, oauth, database, sessions, clock))
    _add_document(api)
    demo = oauth is not None and not oauth.enabled
    tokens = BearerTokens(database, clock, admin_login_days=settings.TOKEN_ADMIN_LOGIN_DAYS, demo=demo)
    api.register(app, Guard(sessions, tokens, oauth.client.url if oauth else None, demo=demo), Turns())
    install_spa(app, STATIC)
    return Master(app, api, database, hosts.fleet, hosts, client, runner, pace_of(settings), clock, docker)


def _add_pages(
    api: Api, settings: MasterSettings, hosts: HostParts, database: Database, clock: Clock, client: SlaveClient
) -> None:
    freshness = Freshness(timedelta(seconds=settings.COLLECT_INTERVAL_SECONDS))
    same_name = settings.MAPPING_SAME_NAME
    rows = RowPages(database, freshness, clock, same_name)
    people = PeoplePages(database, same_name)
    add_health(api, database)
    add_metrics(api, MetricsPages(database, freshness, clock))
    add_me(api, people, rows)
    fleet = hosts.fleet
    standstills = Standstills(fleet, freshness, clock(), has_broker=settings.CELERY_BROKER_URL is not None)
    host_pages = HostPages(database, fleet, freshness, standstills, clock)
    add_hosts(api, host_pages)
    add_host_administration(api, host_administration(hosts, database, clock, client), host_pages)
    add_quotas(api, QuotaPages(database, freshness, clock), rows, OverviewPages(database, rows))
    add_history(api, HistoryPages(database, clock, same_name))
    add_slave_events(api, slave_events(hosts, settings, database, clock))
    add_tokens(api, Tokens(database, clock))
    add_exports(api, RowExport(rows))
    add_admin(api, people, rows, Mappings(database, fleet, clock), AuditPages(database))


def _login_pages(
    settings: MasterSettings, oauth: OAuthSettings | None, database: Database, sessions: Sessions, clock: Clock
) -> LoginPages:
    login = None
    if oauth is not None and oauth.enabled:
        provider = Provider(oauth.server.url, oauth.issuer, ProviderHttp(oauth.ca_file), clock)
        login = Login(oauth, provider, database, sessions, clock)
    return LoginPages(
        login=login,
        demo=oauth is not None and not oauth.enabled,
        sessions=sessions,
        database=database,
        clock=clock,
        rate=LoginRate(clock, per_minute=settings.LOGINS_PER_MINUTE),
        secure_cookies=oauth is not None and oauth.client.url.startswith("https://"),
        session_seconds=settings.SESSION_HOURS * 3600,
    )


def _add_document(api: Api) -> None:
    @api.route("GET", "/api/openapi.json", access="public", cache="content")
    def get_openapi() -> Reply:
        """This document."""
        return Reply(orjson.dumps(document(api)))
