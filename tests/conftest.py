"""What all tests share."""

from hypothesis import HealthCheck, settings

settings.register_profile("tep", deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tep")


def pytest_collection_modifyitems(items):
    """Browser tests go last: while Playwright's synchronous driver is open, no other test could run an event loop."""
    items.sort(key=lambda item: "browser" in item.path.parts)
