"""Archives for `docker load`, made without Docker, of any size."""

import hashlib
import io
import json
import os
import tarfile
from pathlib import Path

_BLOCK = os.urandom(1024 * 1024)


def tar_of(name: str, content: bytes) -> bytes:
    """An archive of one file."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        _add(archive, name, content)
    return file.getvalue()


def write_image(file: Path, tag: str, content_bytes: int) -> str:
    """Writes an image of one layer, with one file of so many bytes, as `docker save` would; gives the image's id.

    The id is the digest of the configuration, which names the digest of the layer: dockerd checks both as it loads.
    """
    layer = _Layer(content_bytes)
    member = tarfile.TarInfo("layer.tar")
    member.size = layer.size
    with tarfile.open(file, "w") as archive:
        archive.addfile(member, layer)
        roots = {"type": "layers", "diff_ids": [f"sha256:{layer.digest.hexdigest()}"]}
        config = json.dumps({"architecture": "amd64", "os": "linux", "rootfs": roots}).encode()
        image_id = hashlib.sha256(config).hexdigest()
        manifest = [{"Config": f"{image_id}.json", "RepoTags": [tag], "Layers": ["layer.tar"]}]
        _add(archive, f"{image_id}.json", config)
        _add(archive, "manifest.json", json.dumps(manifest).encode())
    return f"sha256:{image_id}"


class _Layer:
    """An archive of one file, which is made and digested as it is read."""

    def __init__(self, content_bytes: int) -> None:
        member = tarfile.TarInfo("content")
        member.size = content_bytes
        self._head = member.tobuf()
        self._left = content_bytes
        self._tail = b"\0" * (-content_bytes % tarfile.BLOCKSIZE + 2 * tarfile.BLOCKSIZE)
        self.size = len(self._head) + content_bytes + len(self._tail)
        self.digest = hashlib.sha256()

    def read(self, most: int = -1, /) -> bytes:
        """The next bytes, always so many until the end; without a number, none."""
        block = self._head[:most]
        self._head = self._head[most:]
        while len(block) < most and self._left:
            piece = _BLOCK[: min(most - len(block), self._left)]
            self._left -= len(piece)
            block += piece
        if len(block) < most:
            rest = most - len(block)
            block, self._tail = block + self._tail[:rest], self._tail[rest:]
        self.digest.update(block)
        return block


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))
