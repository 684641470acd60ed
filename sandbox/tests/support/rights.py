"""Least privilege: the rights that functions have used, held against the rights that they are granted."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Right:
    """A function's right to an action. In a grant the resource may hold `*` and `?`; in a use it is one ARN."""

    function: str
    action: str
    resource: str

    def covers(self, use: Right) -> bool:
        """Whether this grant allows the use."""
        return (self.function == use.function and self.action.lower() == use.action.lower()
                and re.fullmatch(_expression(self.resource), use.resource) is not None)

    def __str__(self) -> str:
        """As it is told of in a failure."""
        return f"{self.function}: {self.action} on {self.resource}"


def granted(function: str, statements: Iterable[dict[str, object]]) -> list[Right]:
    """The rights that the statements of a policy grant, one for each action and resource."""
    return [Right(function, action, resource) for statement in statements
            for action in _list(statement["Action"]) for resource in _list(statement["Resource"])]


def lacking(grants: Collection[Right], uses: Iterable[Right]) -> list[str]:
    """What was used and is granted by nothing."""
    return sorted(str(use) for use in set(uses) if not any(grant.covers(use) for grant in grants))


def excess(grants: Iterable[Right], uses: Collection[Right]) -> list[str]:
    """What is granted and was never used."""
    return sorted(str(grant) for grant in set(grants) if not any(grant.covers(use) for use in uses))


def _expression(pattern: str) -> str:
    """IAM's wildcards as a regular expression."""
    return re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")


def _list(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]
