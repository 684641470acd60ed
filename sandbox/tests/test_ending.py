"""Row 12: Disconnect and Disable each end the integration, keys are destroyed, results stay; connecting again works."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.control import Refused
from support.naming import label
from support.polling import eventually
from support.world import Scene

Ending = Callable[[Scene], None]


def _disconnects(scene: Scene) -> None:
    assert scene.company.disconnects() == 204


def _disconnects_with_the_token(scene: Scene) -> None:
    token = scene.company.token()
    name = scene.company.name
    assert scene.world.product.call("DELETE", f"/integrations/companies/{name}", token).status_code == 204
    # SmartRecruiters' side of it; our answer to its own call is the same.
    assert scene.company.disconnects() == 204


def _disables(scene: Scene) -> None:
    assert [answer["status"] for answer in scene.account.disables_the_integration()] == [202]


ENDINGS = pytest.mark.parametrize("ends", [_disconnects, _disconnects_with_the_token, _disables])


@ENDINGS
def test_no_more_listing_and_no_more_orders(scene: Scene, ends: Ending) -> None:
    token = scene.company.token()
    ends(scene)
    assert scene.world.product.call("GET", "/packages", token).status_code == 401
    assert scene.world.product.call("GET", f"/packages/{scene.assessment}", token).status_code == 401
    assert scene.world.product.call("POST", "/packages/orders", token, json={}).status_code == 401
    with pytest.raises(Refused):
        scene.company.token(fresh=True)


@ENDINGS
def test_no_more_invitations_and_the_order_is_rejected(scene: Scene, ends: Ending) -> None:
    candidate, order = scene.orders_for_later()
    ends(scene)
    _is_closed(scene, order, "rejected", "withdrawn")
    assert not scene.account.mails(candidate.email)


@ENDINGS
def test_the_keys_are_destroyed(scene: Scene, ends: Ending) -> None:
    [client] = {call["request_body"]["clientId"] for call in scene.company.calls("setUpIntegration")}
    assert scene.world.ops.client_secret_exists(client)
    ends(scene)
    eventually(lambda: scene.world.ops.client_secret_exists(client), until=lambda exists: not exists,
               meanwhile=scene.hasten)
    # The secret goes first, then the note of it.
    eventually(lambda: scene.world.ops.integration(scene.company.name), until=lambda seen: "connection" not in seen)
    scene.world.ops.nothing_is_stored(scene.company.name)


@ENDINGS
def test_results_that_were_delivered_stay(scene: Scene, ends: Ending) -> None:
    candidate, order = scene.orders()
    scene.account.takes(scene.invited(candidate), scores={"Python": 44, "Communication": 44})
    before = scene.company.shows(order, "COMPLETED")
    ends(scene)
    eventually(lambda: scene.world.ops.company_secrets(scene.company.name), until=lambda left: not left,
               meanwhile=scene.hasten)
    after = scene.company.order(order)
    assert (after["status"], after["result"]) == ("COMPLETED", before["result"])


@ENDINGS
def test_an_order_that_is_not_finished_expires(scene: Scene, ends: Ending) -> None:
    candidate, order = scene.orders()
    scene.account.starts(scene.invited(candidate))
    scene.company.shows(order, "IN_PROGRESS")
    ends(scene)
    _is_closed(scene, order, "expired", "expired")


@ENDINGS
def test_connecting_again_works(scene: Scene, ends: Ending) -> None:
    ends(scene)
    scene.company.disconnects()
    scene.company.connects(scene.account.enables_the_integration())
    assessment = scene.account.creates("After connecting again")
    scene.company.sees(assessment)
    candidate = scene.company.candidate()
    order = scene.orders_of(assessment, candidate)
    eventually(lambda: scene.account.mails(candidate.email))
    assert scene.company.learns(order)["status"] == "PENDING"


def test_connecting_again_with_the_same_key_keeps_the_first_date(scene: Scene) -> None:
    _disconnects(scene)
    scene.company.connects(scene.account.api_key)
    scene.company.sees(scene.assessment)


def test_connecting_again_with_another_key_begins_anew(scene: Scene) -> None:
    _disables(scene)
    scene.company.disconnects()
    scene.company.connects(scene.account.enables_the_integration())
    later = scene.account.creates("Later")
    assert scene.assessment not in scene.company.sees(later)


def test_connecting_again_invites_nobody_again(scene: Scene) -> None:
    candidate, order = scene.orders()
    scene.account.takes(scene.invited(candidate), scores={"Python": 70, "Communication": 70})
    scene.company.shows(order, "COMPLETED")
    _disconnects(scene)
    scene.company.connects(scene.account.api_key)
    scene.company.sees(scene.assessment)
    _, again = scene.orders(candidate, again=True)
    assert scene.company.shows(again, "COMPLETED")["result"]["score"]["raw"] == 70
    scene.arrives(candidate)


def test_what_ended_before_it_was_sent_may_be_ordered_again_after_connecting_again(scene: Scene) -> None:
    candidate, order = scene.orders_for_later()
    _disconnects(scene)
    _is_closed(scene, order, "rejected", "withdrawn")
    scene.company.connects(scene.account.api_key)
    scene.company.sees(scene.assessment)
    _, again = scene.orders(candidate, again=True)
    scene.invited(candidate)
    assert scene.company.learns(again)["status"] == "PENDING"


def test_disabling_ends_every_company_with_that_key_and_no_other(scene: Scene) -> None:
    second, stranger = scene.world.company(), scene.world.scene()
    second.connects(scene.account.api_key)
    _disables(scene)
    for company in (scene.company, second):
        with pytest.raises(Refused):
            company.token(fresh=True)
    assert stranger.assessment in stranger.company.packages()


def test_a_key_that_was_revoked_without_a_word_stops_listing_and_orders_until_the_company_connects_again(
    scene: Scene,
) -> None:
    scene.account.disables_the_integration(callback="none")
    refused = eventually(scene.company.lists, until=lambda answer: answer["status"] == 403, pause=1.0)
    assert refused["body"]["errors"][0]["code"] == "testgorilla_key_refused"
    ordered = scene.company.orders(scene.assessment, scene.company.candidate())
    assert (ordered.status, ordered.body["errors"][0]["code"]) == (403, "testgorilla_key_refused")
    scene.company.disconnects()
    scene.company.connects(scene.account.enables_the_integration())
    assert scene.company.lists()["status"] in (200, 204)


def test_a_plan_that_is_upgraded_again_lists_again(scene: Scene) -> None:
    scene.account.change(plan="starter")
    eventually(scene.company.lists, until=lambda answer: answer["status"] == 403, pause=1.0)
    scene.account.change(plan="pro")
    eventually(scene.company.lists, until=lambda answer: answer["status"] == 200, pause=1.0, meanwhile=scene.hasten)


@pytest.mark.parametrize("key", ["wrong", "", "%00", "a" * 1_000], ids=label)
def test_a_wrong_disconnect_key_finds_nothing_and_ends_nothing(scene: Scene, key: str) -> None:
    answer = scene.world.product.call("DELETE", f"/integrations/{key}/companies/{scene.company.name}")
    assert answer.status_code in (401, 404)
    assert scene.assessment in scene.company.packages()


def test_a_token_disconnects_its_own_company_alone(scene: Scene) -> None:
    other = scene.world.scene()
    path = f"/integrations/companies/{other.company.name}"
    assert scene.world.product.call("DELETE", path, scene.company.token()).status_code == 403
    assert scene.world.product.call("DELETE", path).status_code == 401
    assert other.assessment in other.company.packages()


def test_disconnecting_what_is_not_connected_is_no_error(scene: Scene) -> None:
    _disconnects(scene)
    _disconnects(scene)
    stranger = scene.world.company()
    assert stranger.disconnects() == 204


def _is_closed(scene: Scene, order: str, at_smartrecruiters: str, here: str) -> None:
    """The order comes to its end here; at SmartRecruiters too, where its credentials were still good for telling."""
    eventually(lambda: {invitation["state"] for invitation in scene.world.ops.invitations(scene.company.name)},
               until=lambda states: states == {here}, meanwhile=scene.hasten)

    def is_told() -> bool:
        [item] = [item for item in scene.world.ops.items(scene.company.name, "ORDER#") if item["sk"].endswith(order)]
        return "closed" in item or item.get("published", {}).get("status") == at_smartrecruiters

    eventually(is_told, meanwhile=scene.hasten)
