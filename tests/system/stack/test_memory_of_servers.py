"""What a server does with its memory before it serves."""

from pathlib import Path

import pytest

from app.bootstrap.memory import YOUNG_OBJECTS
from tests.fakes.ports import free_port
from tests.system.stack.programs import printed
from tests.system.stack.settings import Settings, master, mock_slave, oauth, write_json

SEEN = """
import gc
from run import app
print(gc.get_freeze_count() > 10 * len(gc.get_objects()), gc.get_threshold()[0])
"""


@pytest.mark.parametrize(
    "settings", [master(free_port(), []), mock_slave("host1", free_port())], ids=["master", "slave"]
)
def test_what_is_there_when_serving_begins_is_not_looked_through_again(checkout: Path, settings: Settings) -> None:
    write_json(checkout / "config.json", settings)
    write_json(checkout / "oauth.config.json", oauth(free_port(), free_port()))
    assert printed(f"python -c '{SEEN}'", checkout).split() == ["True", str(YOUNG_OBJECTS)]
