"""What every list shares: `?page=`, `?page_size=`, `?sort=`, `?q=`, and the envelope of the answer."""

from typing import Annotated, ClassVar

from pydantic import Field, field_validator

from app.web.wire import Out, Query, QueryText

MAX_PAGE_SIZE = 500


class PageQuery(Query):
    """Which part of a list."""

    page: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    page_size: Annotated[int, Field(ge=1, le=MAX_PAGE_SIZE)] = 100


class SortedQuery(PageQuery):
    """Which part of a list, by which order and text. `sort` is `field,-field`; `-` means descending."""

    sortable: ClassVar[tuple[str, ...]] = ()
    sort: QueryText | None = None
    q: QueryText | None = None

    @field_validator("sort")
    @classmethod
    def known_fields(cls, value: str | None) -> str | None:
        """Refuses a field that the list cannot be sorted by."""
        unknown = [name for name in (value or "").split(",") if name and name.removeprefix("-") not in cls.sortable]
        if unknown or value == "":
            message = f"fields of {', '.join(cls.sortable)}, separated by commas, '-' in front for descending"
            raise ValueError(message)
        return value

    @property
    def order(self) -> list[tuple[str, bool]]:
        """(field, descending) in order of weight; empty for the list's own order."""
        return [(name.removeprefix("-"), name.startswith("-")) for name in (self.sort or "").split(",") if name]


class PageOut(Out):
    """The envelope of a list; each list adds its `items`."""

    total: int
    page: int
    page_size: int
