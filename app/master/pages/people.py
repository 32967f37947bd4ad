"""Who I am, and who has logged in."""

from dataclasses import dataclass

from app.auth.caller import Caller
from app.db.engine import Database
from app.db.repositories.mappings import MappingFilter, MappingRepository
from app.db.repositories.people import Person, PersonRepository
from app.db.repositories.rows import FIRST_PERSONAL_UID, FleetRow, FleetRowRepository
from app.db.repositories.sessions import SessionRepository
from app.master.errors import PersonNotFoundError
from app.master.pages.rows import RowPages
from app.master.wire.people import (
    LoginOut,
    MeOut,
    MyMappingOut,
    PeopleOut,
    PeopleQuery,
    PersonDetailOut,
    PersonOut,
    WorstOut,
)
from app.master.wire.rows import RowOut

MAX_MAPPINGS = 1000
SHOWN_LOGINS = 20


@dataclass(frozen=True, slots=True)
class PeoplePages:
    """Answers for Me and People."""

    database: Database
    same_name: bool

    def me(self, caller: Caller) -> MeOut:
        """The caller, with the accounts that are theirs."""
        person = caller.person
        mappings, _ = self._accounts(person)
        return MeOut(
            id=person.id,
            name=person.name,
            is_admin=person.is_admin,
            csrf_token=caller.csrf_token,
            language=person.language,
            mappings=mappings,
            demo=person.issuer == "local",
        )

    def page(self, query: PeopleQuery) -> PeopleOut:
        """A page of people, by name where no order is given."""
        with self.database.read() as connection:
            found, total = PersonRepository(connection).page(
                query.q, query.order, limit=query.page_size, offset=(query.page - 1) * query.page_size
            )
        items = [self._person_out(person) for person in found]
        return PeopleOut(items=items, total=total, page=query.page, page_size=query.page_size)

    def detail(self, person_id: str, rows: RowPages) -> PersonDetailOut:
        """One person with their quotas on all hosts. PersonNotFoundError."""
        with self.database.read() as connection:
            person = PersonRepository(connection).find(person_id)
            logins = SessionRepository(connection).logins_of(person_id, limit=SHOWN_LOGINS)
        if person is None:
            raise PersonNotFoundError("Nobody of this id has logged in.")
        return PersonDetailOut(
            **dict(self._person_out(person)),
            rows=[RowOut.model_validate(row, strict=False) for row in rows.of_person(person.id, person.matched_name)],
            logins=[LoginOut(at=each.at, expires_at=each.expires_at, ended_at=each.ended_at) for each in logins],
        )

    def _person_out(self, person: Person) -> PersonOut:
        mappings, worst = self._accounts(person)
        return PersonOut(
            id=person.id,
            name=person.name,
            email=person.email,
            is_admin=person.is_admin,
            last_login_at=person.last_login_at,
            mappings=mappings,
            worst=None
            if worst is None
            else WorstOut.model_validate(
                {
                    "host": worst.host_id,
                    "device": worst.device,
                    "percent": worst.fullness if worst.fullness >= 0 else None,
                    "status": worst.status,
                },
                strict=False,
            ),
        )

    def _accounts(self, person: Person) -> tuple[list[MyMappingOut], FleetRow | None]:
        with self.database.read() as connection:
            rows = FleetRowRepository(connection, same_name=self.same_name)
            fullest, _ = rows.page_of_person(person.id, person.matched_name, limit=1)
            accounts = rows.accounts_of_person(person.id, person.matched_name)
            mapped, _ = MappingRepository(connection).page(
                MappingFilter(person=person.id), [], limit=MAX_MAPPINGS, offset=0
            )
        found = {
            (listed.mapping.host_id, listed.mapping.username): MyMappingOut.model_validate(
                {
                    "host": listed.mapping.host_id,
                    "username": listed.mapping.username,
                    "uid": listed.uid,
                    "state": listed.mapping.state,
                    "via": listed.mapping.via,
                },
                strict=False,
            )
            for listed in mapped
        }
        for host, username, uid in accounts:
            if (host, username) not in found and uid >= FIRST_PERSONAL_UID:
                found[host, username] = MyMappingOut(host=host, username=username, uid=uid, state="active", via="rule")
        return [found[key] for key in sorted(found)], fullest[0] if fullest else None
