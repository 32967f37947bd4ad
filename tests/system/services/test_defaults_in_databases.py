"""Default limits are kept alike in SQLite and in PostgreSQL."""

from app.db.engine import Database
from app.db.migrate import ensure_schema
from app.quota.defaults import NO_LIMITS, Applied, LimitSet
from app.quota.values import Limits, QuotaType
from app.slave.default_book import DefaultsBook

LARGEST = LimitSet(Limits(None, 2**53), Limits(2**63, 2**63))
LARGEST_ID = 2**32 - 2
USER = QuotaType.USER


def test_defaults_are_kept_followed_and_forgotten(database: Database) -> None:
    ensure_schema(database)
    book = DefaultsBook(database, 1000)
    assert (book.load("/dev/sda1", USER).limits, book.load("/dev/sda1", USER).applied) == (NO_LIMITS, {})
    for limits in (NO_LIMITS, LARGEST):
        book.put("/dev/sda1", USER, limits)
        for quota_id in (1000, LARGEST_ID):
            book.remember("/dev/sda1", USER, quota_id, Applied.about_to(NO_LIMITS, limits))
    defaults = book.load("/dev/sda1", USER)
    applied = Applied(NO_LIMITS, LARGEST)
    assert (defaults.limits, defaults.applied) == (LARGEST, {1000: applied, LARGEST_ID: applied})
    assert book.load("/dev/sda1", USER, LARGEST_ID).applied == {LARGEST_ID: applied}
    assert book.load("/dev/sda1", QuotaType.GROUP).limits == book.load("/dev/sdb1", USER).limits == NO_LIMITS
    book.forget("/dev/sda1", USER, [1000, *range(2000, 4000)])
    assert book.load("/dev/sda1", USER).applied == {LARGEST_ID: applied}
