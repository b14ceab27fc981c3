"""What proves the same on every database and queue, and so needs to run on one of them only.

make test                                            everything, wherever it is run
make test ARGS=--without-once                        all but what stands here: .ci/run's second lane, after a whole first
"""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent
#: Folders and files whose tests ask for no database. One that does runs on both lanes all the same.
WITHOUT_DATABASE = (
    "sandbox",
    "clients/vendors",
    "reports/charts",
    "test_imports.py",
    "test_vendor_names.py",
    "agency/test_children.py",
    "agency/test_environment.py",
    "agency/test_environment_example.py",
    "agency/test_deploy.py",
    "agency/test_incoming.py",
    "agency/test_logs.py",
    "agency/test_origins.py",
    "agency/test_pictures.py",
    "running/test_leash.py",
)
#: How pages look and behave in a browser. That every page of the product runs on a lane's database is seen by the others there.
OF_LOOKS = (
    "browser/test_changing.py",
    "browser/test_every_page.py",
    "browser/test_hostile.py",
    "browser/test_screenshot.py",
    "browser/test_shuffles.py",
    "browser/test_trouble.py",
    "browser/test_using.py",
)
IN_BROWSER = "_in_browser.py"  # how a file of the same ends, wherever it stands
#: What people type into forms, and how processes start and stop. The doors, the budgets, rubbish in every form, what forms do
#: underneath and `running/test_work.py` run on both. The bench has lanes of its own.
OF_FORMS = ("bench", "clients/views", "running/test_run.py")
#: Whose a workspace is, each time after a first sync of several, which takes most of it; both are proved on either by others.
OF_WORKSPACES = ("clients/tests/test_workspaces.py",)
ASKING = {"db", "transactional_db", "live_server", "cast", "people"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--without-once", action="store_true", help="leave out what needs one database only: see tests/lanes.py")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--without-once"):
        return
    left_out = [item for item in items if _is_once(item)]
    items[:] = [item for item in items if item not in set(left_out)]
    config.hook.pytest_deselected(items=left_out)


def _is_once(item: pytest.Item) -> bool:
    if (
        item.get_closest_marker("once")
        or _below(item, OF_LOOKS + OF_FORMS + OF_WORKSPACES)
        or item.path.name.endswith(IN_BROWSER)
    ):
        return True
    asks = item.get_closest_marker("django_db") or ASKING & set(getattr(item, "fixturenames", ()))
    return _below(item, WITHOUT_DATABASE) and not asks


def _below(item: pytest.Item, places: tuple[str, ...]) -> bool:
    return any(item.path.is_relative_to(HERE / place) for place in places)
