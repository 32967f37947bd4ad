"""Names of projects come from projid(5)."""

from pathlib import Path

from app.quota.values import QuotaType
from app.slave.directory import NssDirectory

TEXT = """# projects of the lab
genomes:7
spectra:8
genomes2:7
:9
no number
text:abc
negative:-1
foreign:\u0663
largest:4294967294
"""


def test_projects_are_named_by_projid(tmp_path: Path) -> None:
    (tmp_path / "projid").write_text(TEXT, encoding="utf-8")
    directory = NssDirectory(projid=tmp_path / "projid")
    assert directory.list_names(QuotaType.PROJECT).names == {7: "genomes", 8: "spectra", 4_294_967_294: "largest"}
    assert directory.find_name(QuotaType.PROJECT, 8) == "spectra"
    assert directory.find_name(QuotaType.PROJECT, 9) is None


def test_without_the_file_projects_have_no_names(tmp_path: Path) -> None:
    directory = NssDirectory(projid=tmp_path / "projid")
    assert directory.list_names(QuotaType.PROJECT).names == {}
    assert directory.find_name(QuotaType.PROJECT, 7) is None
