"""Whatever is asked of the slave, in whatever order: answers are as expected, and repquota tells the same.

Single changes, batches, defaults, the worker's rounds and grace periods of all three quota types, on real ext4. A model
of ten lines says which limits should stand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.backends.kernel.backend import KernelBackend
from app.quota.values import UNLIMITED, QuotaType
from app.slave.defaults import DefaultsApplier
from app.web.quota_rows import ID_FIELD
from tests.fakes.slave_app import WRITE, SlaveUnderTest, empty_database, start_slave, start_worker
from tests.system.kernel.conftest import rig_filesystem
from tests.system.kernel.rig import RigFilesystem

EXAMPLES = 6
STEPS = 8
IDS = (40_001, 2**31, 2**32 - 2)
PATHS = {QuotaType.USER: "users", QuotaType.GROUP: "groups", QuotaType.PROJECT: "projects"}
FIELDS = ("block_soft_limit", "block_hard_limit", "inode_soft_limit", "inode_hard_limit")
COLUMNS = dict(zip(FIELDS, ("BlockSoftLimit", "BlockHardLimit", "FileSoftLimit", "FileHardLimit"), strict=True))
ZEROS: Mapping[str, int] = dict.fromkeys(FIELDS, 0)

Limits = Mapping[str, int]

types = st.sampled_from(QuotaType)
some_limits: st.SearchStrategy[Limits] = st.dictionaries(
    st.sampled_from(FIELDS), st.sampled_from([0, 1, 2000]) | st.integers(0, 2**43), min_size=1
)


@dataclass(frozen=True)
class Put:
    quota_type: QuotaType
    quota_id: int
    limits: Limits


@dataclass(frozen=True)
class Batch:
    quota_type: QuotaType
    ids: Sequence[int]
    limits: Limits
    dry_run: bool


@dataclass(frozen=True)
class PutDefaults:
    quota_type: QuotaType
    limits: Limits


@dataclass(frozen=True)
class Apply:
    """A round of the worker."""


@dataclass(frozen=True)
class PutGrace:
    quota_type: QuotaType
    block_grace: int
    inode_grace: int


Step = Put | Batch | PutDefaults | Apply | PutGrace
ids = st.sampled_from(IDS)
seconds = st.integers(1, 2**31)
steps: st.SearchStrategy[Step] = st.one_of(
    st.builds(Put, types, ids, some_limits),
    st.builds(Batch, types, st.lists(ids, min_size=1, max_size=3, unique=True), some_limits, st.booleans()),
    st.builds(PutDefaults, types, some_limits),
    st.builds(Apply),
    st.builds(PutGrace, types, seconds, seconds),
)


def is_possible(limits: Limits) -> bool:
    """No soft limit above a hard one."""
    pairs = ((limits[f"{each}_soft_limit"], limits[f"{each}_hard_limit"]) for each in ("block", "inode"))
    return all(not soft or not hard or soft <= hard for soft, hard in pairs)


@dataclass
class Model:
    """What should stand: in the kernel, as defaults, and which ids have defaults in place."""

    kernel: dict[tuple[QuotaType, int], Limits] = field(default_factory=dict)
    defaults: dict[QuotaType, Limits] = field(default_factory=lambda: dict.fromkeys(QuotaType, ZEROS))
    in_place: set[tuple[QuotaType, int]] = field(default_factory=set)

    def is_on_defaults(self, quota_type: QuotaType, quota_id: int) -> bool:
        key = quota_type, quota_id
        return key in self.in_place or self.kernel.get(key, ZEROS) == ZEROS

    def shown(self, quota_type: QuotaType, quota_id: int) -> Limits:
        if self.is_on_defaults(quota_type, quota_id):
            return self.defaults[quota_type]
        return self.kernel[quota_type, quota_id]

    def put(self, quota_type: QuotaType, quota_id: int, limits: Limits) -> bool:
        """False: it is refused."""
        wanted = {**self.shown(quota_type, quota_id), **limits}
        if is_possible(wanted):
            self.kernel[quota_type, quota_id] = wanted
            self.in_place.discard((quota_type, quota_id))
            return True
        return False

    def apply(self) -> None:
        for key in product(QuotaType, IDS):
            if self.is_on_defaults(*key):
                self.kernel[key] = self.defaults[key[0]]
                (self.in_place.discard if self.kernel[key] == ZEROS else self.in_place.add)(key)


@dataclass(frozen=True)
class Host:
    """A slave and its worker, on the kernel of the rig."""

    slave: SlaveUnderTest
    worker: DefaultsApplier


@pytest.fixture
def host(tmp_path: Path) -> Host:
    database, backends = empty_database(tmp_path), [KernelBackend()]
    return Host(start_slave(database, backends=backends), start_worker(database, backends=backends))


@pytest.fixture(scope="module")
def used() -> RigFilesystem:
    """ext4 with a file for each id and quota type: an id that has nothing may or may not be listed."""
    ext4 = rig_filesystem("ext4")
    for quota_type in QuotaType:
        for quota_id in IDS:
            KernelBackend().set_limits(ext4.device, quota_type, quota_id, block=UNLIMITED, inode=UNLIMITED)
            assert ext4.write_as(quota_id, 4096, quota_type) == 0
    return ext4


@pytest.mark.timeout(600)
@given(sequence=st.lists(steps, min_size=1, max_size=STEPS))
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_slave_model_and_repquota_agree_after_each_step(
    used: RigFilesystem, host: Host, sequence: Sequence[Step]
) -> None:
    model = cleared(host.slave, used)
    for step in sequence:
        take(host, used, model, step)
        compare(host.slave, used, model)


def cleared(slave: SlaveUnderTest, ext4: RigFilesystem) -> Model:
    """No limits and no defaults, whatever the example before has left."""
    for quota_type in QuotaType:
        put(slave, f"defaults?device={ext4.device}&quota_type={quota_type.value}", ZEROS)
        for quota_id in IDS:
            put(slave, f"{PATHS[quota_type]}/{quota_id}?device={ext4.device}", ZEROS)
    return Model()


def put(slave: SlaveUnderTest, path: str, body: Mapping[str, int]) -> Any:
    answer = slave.put(f"/remote-api/quotas/{path}", json=dict(body))
    assert answer.status_code in {200, 422}, answer.get_data(as_text=True)
    return answer.get_json() if answer.status_code == 200 else None


def take(host: Host, ext4: RigFilesystem, model: Model, step: Step) -> None:
    slave = host.slave
    of_device = f"device={ext4.device}"
    match step:
        case Put(quota_type, quota_id, limits):
            row = put(slave, f"{PATHS[quota_type]}/{quota_id}?{of_device}", limits)
            assert (row is not None) is model.put(quota_type, quota_id, limits)
            assert row is None or limits_in(row) == model.shown(quota_type, quota_id)
        case Batch():
            take_batch(slave, ext4, model, step)
        case PutDefaults(quota_type, limits):
            wanted = {**model.defaults[quota_type], **limits}
            stands = put(slave, f"defaults?{of_device}&quota_type={quota_type.value}", limits)
            assert (stands is not None) is is_possible(wanted)
            if stands is not None:
                model.defaults[quota_type] = wanted
        case Apply():
            assert host.worker.apply().failed == 0
            model.apply()
        case PutGrace(quota_type, block_grace, inode_grace):
            wanted = {"block_grace": block_grace, "inode_grace": inode_grace}
            stands = put(slave, f"grace?{of_device}&quota_type={quota_type.value}", wanted)
            assert {name: stands[name] for name in wanted} == wanted


def take_batch(slave: SlaveUnderTest, ext4: RigFilesystem, model: Model, step: Batch) -> None:
    body = {
        "device": ext4.device,
        "quota_type": step.quota_type.value,
        "ids": list(step.ids),
        "limits": dict(step.limits),
        "dry_run": step.dry_run,
    }
    answer = slave.call("POST", "/remote-api/quotas/batch", key=WRITE, json=body)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    results = {result["id"]: result for result in answer.get_json()["results"]}
    assert list(results) == list(step.ids)
    for quota_id, result in results.items():
        before = model.shown(step.quota_type, quota_id)
        assert result["before"] == before
        wanted = {**before, **step.limits}
        assert result["ok"] is is_possible(wanted)
        if result["ok"]:
            would_be_own = wanted != ZEROS
            assert limits_in(result["row"]) == (wanted if would_be_own else model.defaults[step.quota_type])
        if not step.dry_run:
            model.put(step.quota_type, quota_id, step.limits)


def compare(slave: SlaveUnderTest, ext4: RigFilesystem, model: Model) -> None:
    (device,) = slave.get(f"/remote-api/quotas?device={ext4.device}").get_json()
    for quota_type in QuotaType:
        rows = {row[ID_FIELD[quota_type]]: row for row in device[f"{quota_type.value}_quotas"]}
        told = ext4.report(quota_type)
        assert set(IDS) <= rows.keys() & told.keys()
        for quota_id in rows.keys() & told.keys():
            report = told[quota_id]
            in_kernel = {name: int(report[column]) for name, column in COLUMNS.items()}
            row = rows[quota_id]
            if quota_id in IDS:
                assert in_kernel == model.kernel.get((quota_type, quota_id), ZEROS)
                assert limits_in(row) == model.shown(quota_type, quota_id)
                assert (row["limits_source"] == "default") is model.is_on_defaults(quota_type, quota_id)
            elif row["limits_source"] == "own":
                assert limits_in(row) == in_kernel
            assert row["inode_current"] == int(report["FileUsed"])
            assert -(-row["block_current"] // 1024) == int(report["BlockUsed"])


def limits_in(row: Mapping[str, Any]) -> Limits:
    return {name: row[name] for name in FIELDS}
