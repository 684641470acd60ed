"""The deployed stack while AWS, both partners and its own processes fail. In a phase of their own: others would fail with them."""

import pytest

# Helpers explain their assertions as tests do.
pytest.register_assert_rewrite(*(f"chaos.{name}" for name in ("crowd", "reckoning", "storm")))
