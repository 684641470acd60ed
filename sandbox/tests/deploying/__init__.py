"""Deployments: a walk from nothing to a connected company, another stack beside the first, going back. In a phase of their own."""

import pytest

# Helpers explain their assertions as tests do.
pytest.register_assert_rewrite("deploying.document")
