"""When keys vanish from Secrets Manager by accident, nothing is lost: work waits, and ops can see why."""

from __future__ import annotations

import uuid

from support.polling import eventually
from support.world import Scene


def test_orders_wait_for_the_keys_and_ops_can_see_why(scene: Scene) -> None:
    ops, company = scene.world.ops, scene.company
    candidate, order = scene.orders_for_later()
    name, value = _destroy(scene)
    scene.lets_go()
    eventually(lambda: ops.invitations(company.name)[0].get("last_error"), until=lambda error: error == "no_secret")
    assert company.order(order)["status"] == "PENDING"
    assert ops.asks_why(company.name, scene.assessment)["reason"] == "key_refused"
    ops.aws("secretsmanager").create_secret(Name=name, SecretString=value)
    scene.arrives(candidate, meanwhile=scene.hasten)
    assert company.learns(order, meanwhile=scene.hasten)["status"] == "PENDING"


def test_disconnecting_ends_what_is_open_even_without_the_keys(scene: Scene) -> None:
    ops, company = scene.world.ops, scene.company
    candidate, _ = scene.orders_for_later()
    _destroy(scene)
    assert company.disconnects() == 204
    eventually(lambda: [item.get("closed") for item in ops.items(company.name, "ORDER#")],
               until=lambda closed: closed == ["integration_ended"], meanwhile=scene.hasten)
    # The orders come first, then the note of the keys.
    eventually(lambda: ops.integration(company.name), until=lambda seen: "connection" not in seen, meanwhile=scene.hasten)
    ops.nothing_is_stored(company.name)
    company.connects(scene.account.api_key)
    company.sees(scene.assessment)
    scene.orders(candidate, again=True)
    scene.invited(candidate)


def _destroy(scene: Scene) -> tuple[str, str]:
    """Destroys the keys; returns their name and value.

    A function that has read keys remembers them by their name for minutes, and other tests let functions look at this company. So
    the name becomes one that nobody has read.
    """
    ops, company = scene.world.ops, scene.company.name
    [(known, value)] = ops.company_secrets(company).items()
    name = ops.variable("COMPANY_SECRET_PREFIX") + uuid.uuid4().hex

    def is_renamed() -> bool:
        integration = ops.integration(company)
        return ops.sets(integration, connection={**integration["connection"], "secret": name})

    eventually(is_renamed)
    ops.aws("secretsmanager").delete_secret(SecretId=known, ForceDeleteWithoutRecovery=True)
    return name, value
