"""Ops replace a company's keys, and no request is refused meanwhile."""

from __future__ import annotations

from support.polling import eventually
from support.world import Scene


def test_tokens_signed_by_the_old_key_and_by_the_new_one_are_taken(scene: Scene) -> None:
    before = scene.company.token()
    assert scene.world.ops.rotates("signing_key", scene.company.name) == {"rotated": "signing_key"}
    # A process may go on signing with the old key for minutes: its tokens are taken as well.
    for token in (before, scene.company.token(fresh=True), scene.company.token(fresh=True)):
        answer = scene.world.product.call("GET", "/packages", token)
        assert (answer.status_code, scene.assessment in answer.text) == (200, True)
    candidate, order = scene.orders()
    scene.account.takes(scene.invited(candidate))
    scene.company.shows(order, "COMPLETED")


def test_a_token_of_the_old_signing_key_is_refused_once_that_is_forgotten(scene: Scene) -> None:
    old = scene.company.token()
    scene.world.ops.rotates("signing_key", scene.company.name)
    integration = scene.world.ops.integration(scene.company.name)
    assert len(integration["connection"]["token_keys"]) == 2
    assert scene.world.product.call("GET", "/packages", old).status_code == 200
    # Its last token has expired by then; this one has not.
    assert scene.world.ops.sets(integration, keys_retire_at=0, due_at=0)
    eventually(lambda: scene.world.ops.reconciles() and scene.world.ops.integration(scene.company.name),
               until=lambda seen: len(seen["connection"]["token_keys"]) == 1)
    assert scene.world.product.call("GET", "/packages", old).status_code == 401


def test_another_api_key_of_the_account_takes_the_place_of_the_first(scene: Scene) -> None:
    waiting, earlier = scene.orders()
    scene.invited(waiting)
    # An account has one key: the old one is revoked first, and nobody tells us.
    scene.account.disables_the_integration(callback="none")
    new = scene.account.enables_the_integration()
    assert scene.world.ops.rotates("api_key", scene.company.name, api_key=new) == {"rotated": "api_key"}
    scene.account.takes(scene.account.candidature(scene.assessment, waiting.email))
    scene.company.shows(earlier, "COMPLETED", meanwhile=scene.hasten)
    candidate, order = scene.orders()
    scene.account.takes(scene.invited(candidate, meanwhile=scene.hasten))
    scene.company.shows(order, "COMPLETED", meanwhile=scene.hasten)
    assert scene.assessment in scene.company.packages()
