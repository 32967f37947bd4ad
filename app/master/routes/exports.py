"""Files and pages for other programs, for admins."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain

from app.db.repositories.rows import RowFilter
from app.master.exports.audit import AuditExport, audit_csv_pieces
from app.master.exports.events import EventExport, event_csv_pieces
from app.master.exports.files import CSV_TYPE, csv_pieces, json_pieces
from app.master.exports.metrics import FleetMetrics
from app.master.exports.ood import ood_pieces
from app.master.exports.rows import RowExport
from app.master.pages.audit import audit_filter
from app.master.pages.rows import row_filter
from app.master.slave_events import docker_filter
from app.master.wire.changes import AuditFilters
from app.master.wire.exports import AuditFileOut, FleetMetricsQuery, OodQuery, OodQuotaFileOut, RowFileOut
from app.master.wire.rows import RowFilters
from app.master.wire.slave_events import DockerEventFileOut, DockerEventFilters
from app.quota.clock import Clock
from app.web.prometheus import CONTENT_TYPE
from app.web.router import Api, Reply


def add_exports(api: Api, export: RowExport) -> None:
    """`/api/export/…`."""
    clock, metrics = export.rows.clock, FleetMetrics(export)
    attachment = partial(_attachment, clock)
    _add_audit(api, AuditExport(export.rows.database), attachment)
    _add_docker_events(api, EventExport(export.rows.database), attachment)

    @api.route("GET", "/api/export/rows.csv", access="admin", errors=(503,), media_type="text/csv")
    def export_rows_csv(query: RowFilters) -> Reply:
        """Every quota of every host, filtered, as CSV (RFC 4180), by host, device, type and id.

        The head names the units. A text that a spreadsheet would take for a formula has an apostrophe in front.
        """
        return attachment("qman-rows.csv", csv_pieces(export.pages(row_filter(query))), CSV_TYPE)

    @api.route("GET", "/api/export/rows.json", access="admin", errors=(503,), answer=RowFileOut)
    def export_rows_json(query: RowFilters) -> Reply:
        """Every quota of every host, filtered, in one file: the items of `/api/rows`, by host, device, type and id."""
        return attachment("qman-rows.json", json_pieces(export.pages(row_filter(query))), "application/json")

    @api.route("GET", "/api/export/ood-quota.json", access="admin", errors=(503,), answer=OodQuotaFileOut)
    def export_ood_quota(query: OodQuery) -> Reply:
        """The quotas of users as Open OnDemand reads them (OOD_QUOTA_PATH), of one host or of all."""
        wanted = RowFilter(host=query.host, device=query.device, quota_type="user")
        pieces = ood_pieces(export.pages(wanted), clock(), one_host=query.host is not None)
        return Reply(chain([next(pieces), next(pieces)], pieces))

    @api.route("GET", "/api/export/metrics", access="admin", errors=(503,), media_type="text/plain")
    def export_metrics(query: FleetMetricsQuery) -> Reply:
        """Hosts and devices for Prometheus, and with `quotas=true` every quota, with the ages of their figures."""
        pieces = metrics.pieces(query.host, quotas=query.quotas)
        return Reply(chain([next(pieces)], pieces), content_type=CONTENT_TYPE)


def _attachment(clock: Clock, name: str, pieces: Iterator[bytes], content_type: str) -> Reply:
    """A file with the day in its name. Its first piece is made now: what fails at once is a problem."""
    stem, dot, ending = name.partition(".")
    headers = {"Content-Disposition": f'attachment; filename="{stem}-{clock():%Y-%m-%d}{dot}{ending}"'}
    return Reply(chain([next(pieces), next(pieces, b"")], pieces), headers=headers, content_type=content_type)


def _add_audit(api: Api, export: AuditExport, attachment: Callable[[str, Iterator[bytes], str], Reply]) -> None:
    @api.route("GET", "/api/export/audit.csv", access="admin", errors=(503,), media_type="text/csv")
    def export_audit_csv(query: AuditFilters) -> Reply:
        """The audit trail, filtered, as CSV (RFC 4180), the newest first. `before` and `after` are JSON.

        A text that a spreadsheet would take for a formula has an apostrophe in front.
        """
        return attachment("qman-audit.csv", audit_csv_pieces(export.pages(audit_filter(query))), CSV_TYPE)

    @api.route("GET", "/api/export/audit.json", access="admin", errors=(503,), answer=AuditFileOut)
    def export_audit_json(query: AuditFilters) -> Reply:
        """The audit trail, filtered, in one file: the items of `/api/admin/audit`, the newest first."""
        return attachment("qman-audit.json", json_pieces(export.pages(audit_filter(query))), "application/json")


def _add_docker_events(api: Api, export: EventExport, attachment: Callable[[str, Iterator[bytes], str], Reply]) -> None:
    @api.route("GET", "/api/export/docker-events.csv", access="admin", errors=(503,), media_type="text/csv")
    def export_docker_events_csv(query: DockerEventFilters) -> Reply:
        """What enforcement of the Docker quota did, filtered, as CSV (RFC 4180), the newest first.

        The head names the units. A text that a spreadsheet would take for a formula has an apostrophe in front.
        """
        return attachment("qman-docker-events.csv", event_csv_pieces(export.pages(docker_filter(query))), CSV_TYPE)

    @api.route("GET", "/api/export/docker-events.json", access="admin", errors=(503,), answer=DockerEventFileOut)
    def export_docker_events_json(query: DockerEventFilters) -> Reply:
        """What enforcement of the Docker quota did, filtered, in one file: the items of `/api/admin/docker/events`."""
        pieces = json_pieces(export.pages(docker_filter(query)))
        return attachment("qman-docker-events.json", pieces, "application/json")
