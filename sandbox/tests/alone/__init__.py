"""Tests that change what all companies share: they run when nobody else is there."""
