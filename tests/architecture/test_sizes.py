"""Long files and functions hide concepts: here they stop."""

from tests.architecture.sources import functions_of, hand_written, lines_of, project_files

PRODUCT = ("app/", "scripts/", "frontend/src/", "alembic/", "run.py", ".ci/")
LONGEST_FILE = 300
LONGEST_TEST_FILE = 400
LONGEST_FUNCTION = 40


def is_test(path: str) -> bool:
    return path.startswith(("tests/", "frontend/src/test/")) or ".test." in path


def test_no_product_file_is_long() -> None:
    files = [path for path in hand_written(".py", ".ts", ".tsx", ".sh", ".css", under=PRODUCT) if not is_test(path)]
    assert files
    assert {path: len(lines_of(path)) for path in files if len(lines_of(path)) > LONGEST_FILE} == {}


def test_no_test_file_is_long() -> None:
    files = [path for path in hand_written(".py", ".ts", ".tsx") if is_test(path)]
    assert files
    assert {path: len(lines_of(path)) for path in files if len(lines_of(path)) > LONGEST_TEST_FILE} == {}


def test_no_function_is_long() -> None:
    found = {
        f"{path}: {name}": lines
        for path in hand_written(".py")
        for name, lines in functions_of(path)
        if lines > LONGEST_FUNCTION
    }
    assert found == {}


def test_no_two_test_files_share_a_name() -> None:
    """Test folders are no packages: two files of one name could not be collected in one run."""
    names = [path.rsplit("/", 1)[-1] for path in project_files() if path.startswith("tests/")]
    tests = [name for name in names if name.startswith("test_") and name.endswith(".py")]
    assert sorted({name for name in tests if tests.count(name) > 1}) == []
