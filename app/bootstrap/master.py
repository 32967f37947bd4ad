"""Builds a master."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
from flask import Flask

from app.auth.guard import SessionGuard
from app.auth.oidc import make_login
from app.auth.routes import add_login
from app.auth.signatures import SlaveKey
from app.db.engine import Database
from app.db.migrate import ensure_schema
from app.db.repositories.hosts import HostRepository
from app.master.api import document, new_api
from app.master.changes import SetLimits
from app.master.collector.rounds import Rounds
from app.master.collector.service import EmbeddedCollector
from app.master.collector.slave_client import SlaveClient
from app.master.fleet import Fleet, HostEntry
from app.master.freshness import Freshness
from app.master.pages.audit import AuditPages
from app.master.pages.hosts import HostPages
from app.master.pages.overview import OverviewPages
from app.master.pages.people import PeoplePages
from app.master.pages.quotas import QuotaPages
from app.master.pages.rows import RowPages
from app.master.people import Mappings
from app.master.routes.admin import add_admin
from app.master.routes.health import add_health
from app.master.routes.hosts import add_hosts
from app.master.routes.me import add_me
from app.master.routes.quotas import add_quotas
from app.quota.clock import Clock, utc_now
from app.settings.keys import SigningKey
from app.settings.master import MasterSettings
from app.settings.oauth import OAuthSettings, load_oauth_settings
from app.web.app import new_app
from app.web.router import Api, Reply
from app.web.spa import install_spa

STATIC = Path(__file__).resolve().parents[2] / "static"
EOF_MARK = None
