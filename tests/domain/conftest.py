"""How hypothesis runs here: no deadlines, since a busy machine is no failure."""

import os

from hypothesis import HealthCheck, settings

settings.register_profile("domain", deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "domain"))
