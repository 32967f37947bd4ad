"""What a mock host remembers, shared by all processes of its slave."""

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


class MockStateRow(Base):
    """The state of one mock host: a text that its backend writes, and a version that counts the writes."""

    __tablename__ = "mock_state"

    host_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    version: Mapped[int]
    document: Mapped[str] = mapped_column(Text)
