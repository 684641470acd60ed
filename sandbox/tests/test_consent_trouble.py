"""Row 3, when a partner does not do what it should: each trouble has its sentence, and can be got out of."""

from __future__ import annotations

from typing import Any

import pytest
from support.page import Page
from support.polling import eventually
from support.world import World

BEFORE = [{"kind": "status", "status": 500}, {"kind": "status", "status": 503}, {"kind": "cut_before"}]
AFTER = [{"kind": "status", "status": 500, "after_effect": True}, {"kind": "cut_after"}]


def test_a_company_that_has_not_consented_is_told_so(world: World) -> None:
    company, account = world.company(), world.account()
    other = world.company()
    other.allows()
    company.consent_url = other.consent_url.replace(other.name, company.name)
    answer = company.grants(company.opens(company.consent_url), account.enables_the_integration())
    assert answer.status_code == 403
    assert "has not agreed in SmartRecruiters" in Page(answer.text).message
    _nothing_is_left(world, company.name)


def test_a_missing_partner_configuration_is_nothing_the_admin_can_mend(world: World) -> None:
    company, account = world.company(), world.account()
    company.misbehaves("setUpIntegration", "status", status=404)
    answer = company.grants(company.allows(), account.enables_the_integration())
    assert answer.status_code == 502
    assert "contact TestGorilla's support" in Page(answer.text).message
    _nothing_is_left(world, company.name)


def test_a_company_that_is_connected_already_is_told_to_disconnect_first(world: World) -> None:
    company, _ = world.connected()
    answer = company.grants(company.allows(), world.account().enables_the_integration())
    assert answer.status_code == 409
    assert "press Disconnect in SmartRecruiters first" in Page(answer.text).message
    assert company.lists()["status"] == 204


@pytest.mark.parametrize("trouble", BEFORE)
def test_when_smartrecruiters_fails_nothing_is_stored_and_trying_again_connects(
    world: World, trouble: dict[str, Any]
) -> None:
    company, account = world.company(), world.account()
    page, key = company.allows(), account.enables_the_integration()
    company.misbehaves("setUpIntegration", **trouble)
    refused = company.grants(page, key)
    assert refused.status_code == 502
    assert "SmartRecruiters cannot be reached" in Page(refused.text).message
    _nothing_is_left(world, company.name)
    assert company.grants(Page(refused.text), key).status_code == 303
    assert company.is_connected


@pytest.mark.parametrize("trouble", AFTER)
def test_when_smartrecruiters_answer_is_lost_disconnecting_and_connecting_again_helps(
    world: World, trouble: dict[str, Any]
) -> None:
    company, account = world.company(), world.account()
    page, key = company.allows(), account.enables_the_integration()
    company.misbehaves("setUpIntegration", **trouble)
    lost = company.grants(page, key)
    assert "you are then told that the company is connected already, disconnect it" in Page(lost.text).message
    again = company.grants(Page(lost.text), key)
    assert again.status_code == 409
    assert "press Disconnect in SmartRecruiters first" in Page(again.text).message
    world.ops.nothing_is_stored(company.name)
    assert company.disconnects() == 204
    company.connects(key)
    company.sees(account.creates())


@pytest.mark.parametrize("trouble", [*BEFORE, {"kind": "cut_after"}, {"kind": "rate_limited", "reset": 1}])
def test_when_testgorilla_cannot_check_the_key_nothing_is_stored_and_trying_again_connects(
    world: World, trouble: dict[str, Any]
) -> None:
    company, account = world.company(), world.account()
    page, key = company.allows(), account.enables_the_integration()
    # A connection that is cut is tried once more at once.
    account.misbehaves("listAssessments", count=2 if "cut" in trouble["kind"] else 1, **trouble)
    refused = company.grants(page, key)
    assert refused.status_code == 502
    assert "The key could not be checked" in Page(refused.text).message
    assert not company.calls("setUpIntegration")
    world.ops.nothing_is_stored(company.name)
    # Where a limit was reached, a second must pass.
    connected = eventually(lambda: company.grants(Page(refused.text), key), lambda seen: seen.status_code == 303)
    assert connected.headers["Location"]


def test_the_second_of_two_windows_does_not_undo_the_first(world: World) -> None:
    company, account = world.company(), world.account()
    first, second = company.allows(), company.allows()
    assert company.grants(first, account.enables_the_integration()).status_code == 303
    assert company.grants(second, account.api_key).status_code == 409
    company.sees(account.creates())


def _nothing_is_left(world: World, company: str) -> None:
    """The pair that SmartRecruiters did not take no longer exists."""
    world.ops.nothing_is_stored(company)
    for call in world.smartrecruiters.calls("setUpIntegration", company):
        assert not world.ops.client_secret_exists(call["request_body"]["clientId"])
