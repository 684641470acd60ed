"""The people and systems of the end-to-end tests: each test has a company and an account of its own."""

import pytest

# Helpers explain their assertions as tests do.
pytest.register_assert_rewrite(*(f"support.{name}" for name in ("books", "company", "leaks", "ops", "privileges", "world")))
