"""What is measured of a real store is what du says, object by object and in all."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.docker_quota.engine import SdkEngine
from app.docker_quota.estimating import estimate_store
from app.docker_quota.objects import EngineDown
from app.docker_quota.store import LayerStore, Measured
from tests.fakes.docker_rig import DockerRig

MIB = 2**20


@pytest.fixture
def store(rig: DockerRig) -> LayerStore:
    return LayerStore(rig.root)


def total(measured: Measured) -> int:
    parts = [size.bytes for size in measured.containers.values()] + [size.bytes for size in measured.layers.values()]
    return sum(parts) + sum(measured.volumes.values()) + sum(measured.cache.values()) + measured.overhead


def agrees(measured: Measured, rig: DockerRig) -> bool:
    return total(measured) == measured.used and abs(measured.used - rig.du()) <= rig.du() / 100


def test_an_empty_store_agrees(rig: DockerRig, store: LayerStore) -> None:
    assert agrees(store.measure(), rig)


def test_a_container_is_its_files_and_its_logs(rig: DockerRig, store: LayerStore) -> None:
    script = "dd if=/dev/urandom of=/data bs=1M count=7; head -c 3000000 /dev/zero | tr '\\0' x | fold; sync"
    its = rig.run(script)
    measured = store.measure()
    found = measured.containers[its]
    log = rig.root / "containers" / its / f"{its}-json.log"
    assert found.log_bytes == log.stat().st_blocks * 512 > 3 * MIB
    assert 7 * MIB <= found.bytes - found.log_bytes <= 7.2 * MIB
    assert agrees(measured, rig)


def test_sparse_files_and_hard_links_count_by_their_blocks(rig: DockerRig, store: LayerStore) -> None:
    script = "truncate -s 10G /sparse; dd if=/dev/urandom of=/a bs=1M count=4; ln /a /b; sync"
    measured_of = rig.run(script)
    measured = store.measure()
    assert 4 * MIB <= measured.containers[measured_of].bytes <= 4.2 * MIB
    assert agrees(measured, rig)


def test_a_running_container_is_not_counted_twice_by_its_mount(rig: DockerRig, store: LayerStore) -> None:
    before = store.measure()
    its = rig.start("dd if=/dev/urandom of=/data bs=1M count=5; sync; touch /done; exec sleep 100")
    rig.docker("exec", its, "sh", "-c", "while [ ! -e /done ]; do :; done")
    measured = store.measure()
    assert 5 * MIB <= measured.used - before.used <= 5.5 * MIB
    assert agrees(measured, rig)


def test_layers_are_those_of_the_images_each_once(rig: DockerRig, store: LayerStore, engine: SdkEngine) -> None:
    rig.build("FROM rig/busybox\nRUN dd if=/dev/urandom of=/one bs=1M count=3", "-t", "one")
    rig.build("FROM one\nENV A=1\nRUN dd if=/dev/urandom of=/two bs=1M count=2\nCMD true", "-t", "two")
    measured, images = store.measure(), engine.list_images()
    assert not isinstance(images, EngineDown)
    assert {layer.diff_id for layer in measured.layers.values()} == {each for image in images for each in image.layers}
    [two] = [image for image in images if image.tags == ("two:latest",)]
    sizes = {layer.diff_id: layer.bytes for layer in measured.layers.values()}
    assert [round(sizes[layer] / MIB) for layer in two.layers[1:]] == [3, 2]
    assert agrees(measured, rig)


def test_volumes_count_once_and_bind_mounts_not_at_all(rig: DockerRig, store: LayerStore, tmp_path: Path) -> None:
    write = "dd if=/dev/urandom of=/{0}/file bs=1M count=2; sync"
    rig.run(write.format("v"), "-v", "shared:/v")
    rig.run("true", "-v", "shared:/v:ro")
    rig.run(write.format("b"), "-v", f"{tmp_path}:/b")
    measured = store.measure()
    assert list(measured.volumes) == ["shared"]
    assert 2 * MIB <= measured.volumes["shared"] <= 2.1 * MIB
    assert measured.used < rig.du() * 1.01
    assert agrees(measured, rig)


@pytest.mark.parametrize("mountinfo", ["/proc/self/mountinfo", "/dev/null"], ids=["seen", "mounted since"])
def test_a_mounted_volume_is_not_entered(rig: DockerRig, mountinfo: str, tmp_path: Path) -> None:
    options = ("--opt", "type=tmpfs", "--opt", "device=tmpfs", "--opt", "o=size=20m")
    rig.docker("volume", "create", *options, "memory")
    rig.start("dd if=/dev/zero of=/v/file bs=1M count=10; exec sleep 100", "-v", "memory:/v")
    with a_file_mounted_from_elsewhere(rig.root / "volumes" / "memory" / "file", tmp_path / "elsewhere"):
        measured = LayerStore(rig.root, Path(mountinfo)).measure()
        assert measured.volumes["memory"] < MIB
        assert agrees(measured, rig)


@contextmanager
def a_file_mounted_from_elsewhere(place: Path, elsewhere: Path) -> Iterator[None]:
    place.touch()
    elsewhere.write_bytes(b"x" * 8 * MIB)
    subprocess.run(["mount", "--bind", elsewhere, place], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", place], check=True)
        place.unlink()


def test_commits_loads_and_imports_are_layers(rig: DockerRig, store: LayerStore, tmp_path: Path) -> None:
    its = rig.run("dd if=/dev/urandom of=/data bs=1M count=3; sync")
    rig.docker("commit", its, "committed")
    rig.docker("save", "-o", str(tmp_path / "saved.tar"), "committed")
    rig.docker("export", "-o", str(tmp_path / "flat.tar"), its)
    rig.docker("rmi", "committed")
    rig.docker("load", "-i", str(tmp_path / "saved.tar"))
    rig.docker("import", str(tmp_path / "flat.tar"), "flat")
    measured = store.measure()
    assert sorted(round(layer.bytes / MIB) for layer in measured.layers.values())[-2:] == [3, 5]
    assert agrees(measured, rig)


def test_free_is_the_filesystems_and_used_agrees_with_it(rig: DockerRig, store: LayerStore) -> None:
    rig.run("dd if=/dev/urandom of=/data bs=1M count=50; sync")
    measured = store.measure()
    printed = subprocess.run(
        ["df", "-B1", "--output=used,avail", rig.root], check=True, capture_output=True, text=True
    ).stdout.split()
    assert measured.filesystem_used is not None
    assert abs(measured.free - int(printed[-1])) < MIB
    assert abs(measured.filesystem_used - int(printed[-2])) < MIB
    assert abs(measured.filesystem_used - measured.used) < measured.used / 100


def test_the_store_is_measured_while_containers_come_and_go(rig: DockerRig, store: LayerStore) -> None:
    names = [f"c{number}" for number in range(6)]
    commands = "; ".join(
        f"docker run --rm --network none --name {name} rig/busybox sh -c 'for i in 1 2 3 4; do echo $i > /f$i; done'"
        for name in names
    )
    with subprocess.Popen(["sh", "-c", commands], env=rig.environment, stdout=subprocess.DEVNULL) as busy:
        looks = 0
        while busy.poll() is None:
            measured = store.measure()
            assert total(measured) == measured.used
            looks += 1
    assert looks > 3
    assert agrees(store.measure(), rig)


def test_the_engines_own_figures_are_an_estimate_without_logs(rig: DockerRig, engine: SdkEngine) -> None:
    rig.build("FROM rig/busybox\nENV A=1\nRUN dd if=/dev/urandom of=/one bs=1M count=3", "-t", "one")
    its = rig.run(
        "dd if=/dev/urandom of=/data bs=1M count=2; head -c 3000000 /dev/zero | tr '\\0' x | fold", "-v=data:/v"
    )
    idle = rig.create()
    found = estimate_store(engine, rig.root)
    assert 2 * MIB <= found.containers[its].bytes <= 2.1 * MIB
    assert found.containers[idle].bytes == 0
    assert round(max(layer.bytes for layer in found.layers.values()) / MIB) == 3
    assert list(found.volumes) == ["data"]
    assert total(found) == found.used < rig.du()
