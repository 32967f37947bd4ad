"""Takes the pictures of the documents: `./scripts/screenshots.sh`."""

import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.system.stack.dev_stack import DevStack
from tests.system.stack.people import ALICE, CHARLIE
from tests.system.stack.programs import ROOT

FOLDER = ROOT / "docs/screenshots"
CHROMIUM = "/usr/bin/chromium"
PICTURES = {
    "overview.png": (CHARLIE, "/overview", "light"),
    "my-usage.png": (ALICE, "/", "dark"),
    "device.png": (CHARLIE, "/hosts/host1/device?name=%2Fdev%2Fsda1", "light"),
    "import.png": (CHARLIE, "/import", "light"),
}
CSV = """host,device,name,block_soft_limit,block_hard_limit
host1,/dev/sda1,alice,36GiB,40GiB
host1,/dev/sda1,bob,9GiB,10GiB
host1,/dev/sda1,charlie,18GiB,20GB
host2,tank/home,nobody,,200GiB
"""


def preview(page: Page) -> None:
    """Lines with something wrong, and somebody who would drop below their usage."""
    page.get_by_role("textbox", name="Or paste the lines here").fill(CSV)
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("table", name="Lines").wait_for()


def main() -> None:
    """Starts everything, looks, stops everything."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        dev = DevStack(Path(name))
        with dev.start() as program:
            dev.wait(program)
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            for file, (user_id, path, scheme) in PICTURES.items():
                context = browser.new_context(
                    base_url=f"http://localhost:{dev.master_port}",
                    viewport={"width": 1100, "height": 700},
                    color_scheme="dark" if scheme == "dark" else "light",
                    locale="en-GB",
                )
                page = context.new_page()
                page.goto(f"/auth/login?user_id={user_id}")
                page.goto(path)
                page.get_by_role("heading", level=1).wait_for()
                if path == "/import":
                    preview(page)
                page.wait_for_load_state("networkidle")
                page.screenshot(path=FOLDER / file)
                context.close()
            browser.close()


if __name__ == "__main__":
    main()
