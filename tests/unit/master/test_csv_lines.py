"""The CSV of an import: what is read, and what is explained by line and field."""

import pytest

from app.master.imports.csv_lines import MOST_LINES, CsvLine, read_csv
from app.quota.errors import InvalidInputError
from app.quota.values import QuotaType

HEADER = "host,device,quota_type,id,name,block_soft_limit,block_hard_limit,inode_soft_limit,inode_hard_limit"


def line(text: str, header: str = HEADER) -> CsvLine:
    (only,) = read_csv(f"{header}\n{text}\n")
    return only


def faults(text: str, header: str = HEADER) -> list[tuple[str, str]]:
    return [(fault.field, fault.found) for fault in line(text, header).faults]


def test_a_line_has_its_quota_and_only_the_limits_that_are_given() -> None:
    read = line("h1,/dev/sda1,group,1000,users,,1024,,7")
    assert (read.number, read.host, read.device, read.quota_type) == (2, "h1", "/dev/sda1", QuotaType.GROUP)
    assert (read.quota_id, read.name) == (1000, "users")
    assert read.limits == {"block_hard_limit": 1024, "inode_hard_limit": 7}
    assert read.faults == []


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_files_as_programs_write_them(separator: str, end: str, mark: str) -> None:
    rows = ["Host,Device,Name,Block_hard_limit", 'h1,"/dev/sda1",alice,10GiB', "", ",,,", "h2,/dev/sdb1, bob ,5"]
    text = mark + end.join(row.replace(",", separator) for row in rows) + end
    first, second = read_csv(text)
    assert (first.number, first.name, first.limits) == (2, "alice", {"block_hard_limit": 10 * 1024**2})
    assert (second.number, second.host, second.name) == (5, "h2", "bob")
    assert first.quota_type is QuotaType.USER


@pytest.mark.parametrize(
    ("text", "kib"),
    [
        ("0", 0),
        ("1048576", 1048576),
        ("10GiB", 10 * 1024**2),
        ("1.5 TiB", 1536 * 1024**2),
        ("10gib", 10 * 1024**2),
        ("512KiB", 512),
        ("0.0001MiB", 1),
        ("unlimited", 0),
        ("8PiB", 2**43),
        ("8796093022208", 2**43),
    ],
)
def test_sizes(text: str, kib: int) -> None:
    assert line(f"h1,/dev/sda1,,1,,,{text},,").limits == {"block_hard_limit": kib}


@pytest.mark.parametrize(
    "text", ["10GB", "10 G", "ten", "-1", "1e3", "1.5", "٣", "1_000", "8.1PiB", "9" * 30, "1,5GiB"]
)
def test_what_is_no_size_names_the_field(text: str) -> None:
    assert faults(f'h1,/dev/sda1,,1,,,"{text}",,') == [("block_hard_limit", text)]


@pytest.mark.parametrize("text", ["10GiB", "1.5", "-1", "9223372036854775809"])
def test_what_is_no_number_of_files_names_the_field(text: str) -> None:
    assert faults(f"h1,/dev/sda1,,1,,,,,{text}") == [("inode_hard_limit", text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (",/dev/sda1,,1,,,5,,", [("host", "nothing")]),
        ("h1,,,1,,,5,,", [("device", "nothing")]),
        ("h1,/dev/sda1,,,,,5,,", [("id", "nothing")]),
        ("h1,/dev/sda1,,4294967295,,,5,,", [("id", "4294967295")]),
        ("h1,/dev/sda1,,-1,,,5,,", [("id", "-1")]),
        ("h1,/dev/sda1,everybody,1,,,5,,", [("quota_type", "everybody")]),
        ("h1,/dev/sda1,,1,,,,,", [("line", "no limit")]),
        ("h1,/dev/sda1,,1", [("line", "4 cells")]),
        ('h1,"/dev/sda1,,1,,,5,,', [("line", "quotes that do not match")]),
        ("h1,/dev/sda1,,x,,y,5,,", [("id", "x"), ("block_soft_limit", "y")]),
        (f"h1,/dev/sda1,,,{'n' * 300},,5,,", [("name", "n" * 79 + "…")]),
        ("h1,/dev/sda1,,,a\0b,,5,,", [("name", "a\0b")]),
    ],
)
def test_each_fault_has_its_field(text: str, found: list[tuple[str, str]]) -> None:
    assert faults(text) == found


def test_a_wrong_line_takes_no_other_along() -> None:
    lines = read_csv(f'{HEADER}\nh1,"/dev/sda1,,1,,,5,,\nh1,/dev/sda1,,2,,,5,,\n')
    assert [(each.number, bool(each.faults)) for each in lines] == [(2, True), (3, False)]


@pytest.mark.parametrize(
    "text",
    [
        "\n\n",
        HEADER,
        "host,device,id\nh1,/dev/sda1,1",
        "host,id,block_hard_limit\nh1,1,5",
        "host,device,block_hard_limit\nh1,/dev/sda1,5",
        "host,device,id,block_hard_limit,colour\nh1,/dev/sda1,1,5,red",
        "host,device,id,id,block_hard_limit\nh1,/dev/sda1,1,1,5",
        "h1,/dev/sda1,1,5\nh1,/dev/sda1,2,5",
        HEADER + "\nh1,/dev/sda1,,1,,,5,," * (MOST_LINES + 1),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(text: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        read_csv(text)
    assert [fault.field for fault in refused.value.fields] == ["csv"]


def test_ten_thousand_lines_are_read() -> None:
    text = HEADER + "\nh1,/dev/sda1,,1,,,5,," * MOST_LINES
    assert len(read_csv(text)) == MOST_LINES
