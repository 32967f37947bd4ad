"""The users of oauth.mock.config.json."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from app.settings.files import SettingsModel, load, read_object


class MockUser(SettingsModel):
    """Somebody who may log in with a click."""

    id: Annotated[int, Field(ge=1)]
    name: Annotated[str, Field(min_length=1, max_length=256)]
    email: str | None = None
    groups: list[str] = []

    @property
    def claims(self) -> dict[str, object]:
        """What the provider says of this user."""
        claims: dict[str, object] = {"sub": f"mock-{self.id}", "preferred_username": self.name, "groups": self.groups}
        return claims if self.email is None else {**claims, "email": self.email}


class MockUsers(SettingsModel):
    """All users."""

    users: Annotated[list[MockUser], Field(min_length=1)]

    @model_validator(mode="after")
    def _ids_are_told_apart(self) -> "MockUsers":
        ids = [user.id for user in self.users]
        if len(ids) != len(set(ids)):
            message = "users: each id once"
            raise ValueError(message)
        return self

    def find(self, user_id: str | None) -> MockUser | None:
        """By the text of the id, or None."""
        return next((user for user in self.users if str(user.id) == user_id), None)


def load_mock_users(path: Path) -> MockUsers:
    """The users in the file. Raises SettingsError."""
    return load(MockUsers, read_object(path), path, environment={})
