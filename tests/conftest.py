"""What all tests share."""

from hypothesis import HealthCheck, settings

settings.register_profile("tep", deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tep")
