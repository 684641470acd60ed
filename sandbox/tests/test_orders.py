"""Rows 7 and 9: an order is accepted at once and shown as pending, and each assessment is sent to a candidate once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from support.control import Refused
from support.polling import eventually
from support.world import Scene, World


def test_an_order_is_accepted_at_once_and_shown_as_sent_and_pending(scene: Scene) -> None:
    candidate, order = scene.orders()
    assert scene.company.order(order)["deliveries"][0]["body"] == {}
    mail = scene.arrives(candidate)
    seen = scene.company.learns(order)
    assert seen["status"] == "PENDING"
    assert seen["result"]["name"] == "Back-end engineer"
    assert seen["result"]["assessmentPackageDate"][:19] == mail["sent_at"][:19]
    assert "score" not in seen["result"]


def test_a_candidate_who_enters_an_auto_triggered_step_is_ordered_automatically(scene: Scene) -> None:
    company = scene.company
    company.control.put(f"companies/{company.name}",
                        {"steps": {"Skills Test": {"package": scene.assessment, "auto_triggered": True}}})
    candidates = [company.candidate() for _ in range(10)]
    people = [{"email": person.email, "first_name": person.first_name, "last_name": person.last_name}
              for person in candidates]
    orders = company.control.post(f"companies/{company.name}/steps/Skills%20Test/candidates", {"candidates": people})
    assert [order["status"] for order in orders] == [202] * 10
    for candidate in candidates:
        scene.arrives(candidate)


def test_smartrecruiters_does_not_offer_an_assessment_to_a_candidate_again(scene: Scene) -> None:
    candidate, _ = scene.orders()
    with pytest.raises(Refused) as refused:
        scene.orders(candidate)
    assert refused.value.status == 409


def test_the_same_order_delivered_again_changes_nothing(scene: Scene) -> None:
    candidate, order = scene.orders()
    assert scene.company.redelivers(order) == 202
    scene.invited(candidate)
    before = scene.company.learns(order)
    for _ in range(3):
        assert scene.company.redelivers(order) == 202
    [invitation] = scene.world.ops.invitations(scene.company.name)
    assert invitation["orders"] == [order]
    scene.hasten()
    after = scene.company.order(order)
    assert (after["result"], after["patches"]) == (before["result"], before["patches"])
    scene.arrives(candidate)


def test_the_same_order_delivered_twice_at_once_is_one_order(scene: Scene) -> None:
    candidate, order = scene.orders(overrides={"job": {"title": None}})
    with ThreadPoolExecutor(6) as many:
        assert set(many.map(scene.company.redelivers, [order] * 6)) == {202}
    scene.invited(candidate)
    assert len(scene.world.ops.items(scene.company.name, "ORDER#")) == 1


def test_a_second_order_before_the_invitation_shares_it(scene: Scene) -> None:
    candidate, first = scene.orders()
    _, second = scene.orders(candidate, again=True)
    scene.invited(candidate)
    assert scene.company.learns(first)["status"] == "PENDING"
    assert "sent to the candidate once" in scene.company.learns(second)["result"]["summary"]
    [invitation] = scene.world.ops.invitations(scene.company.name)
    assert set(invitation["orders"]) == {first, second}


def test_a_second_order_after_the_end_gets_the_same_results_and_says_when_it_was_first_sent(scene: Scene) -> None:
    candidate, first = scene.orders()
    candidature = scene.invited(candidate)
    scene.account.takes(candidature, scores={"Python": 90, "Communication": 60})
    done = scene.company.shows(first, "COMPLETED")
    _, second = scene.orders(candidate, again=True)
    late = scene.company.shows(second, "COMPLETED")
    assert late["result"]["score"] == done["result"]["score"] == {"raw": 75, "min": 0, "max": 100}
    assert late["result"]["assessmentResults"] == done["result"]["assessmentResults"]
    sent = scene.arrives(candidate)["sent_at"][:10]
    assert f"sent to the candidate once, on {sent}" in late["result"]["summary"]
    assert "to the candidate once" not in done["result"]["summary"]


def test_two_orders_for_the_same_candidate_at_once_send_one_invitation(scene: Scene) -> None:
    candidate = scene.company.candidate()
    with ThreadPoolExecutor(4) as many:
        placed = list(many.map(lambda _: scene.orders(candidate, again=True), range(4)))
    candidature = scene.invited(candidate)
    scene.account.takes(candidature)
    for _, order in placed:
        scene.company.shows(order, "COMPLETED")
    assert len(scene.account.candidatures(scene.assessment, candidate.email)) == 1


def test_two_assessments_may_be_ordered_for_one_candidate(scene: Scene) -> None:
    other = scene.account.creates("Front-end engineer")
    scene.company.sees(other)
    candidate, _ = scene.orders()
    scene.orders_of(other, candidate)
    mails = eventually(lambda: scene.account.mails(candidate.email), until=lambda mails: len(mails) == 2)
    assert {str(mail["assessment"]) for mail in mails} == {scene.assessment, other}


def test_two_companies_on_one_account_send_a_candidate_one_invitation(scene: Scene) -> None:
    other = scene.world.company()
    other.connects(scene.account.api_key)
    assessment = scene.account.creates("Shared")
    scene.company.sees(assessment)
    other.sees(assessment)
    candidate = scene.company.candidate()
    first = scene.orders_of(assessment, candidate)
    second = replace(scene, company=other).orders_of(assessment, candidate)
    candidature = replace(scene, assessment=assessment).invited(candidate)
    replace(scene, company=other, assessment=assessment).known(candidate)
    scene.account.takes(candidature)
    assert scene.company.shows(first, "COMPLETED")["result"] is not None
    other.shows(second, "COMPLETED")


def test_an_address_that_the_order_does_not_carry_is_read_from_smartrecruiters(scene: Scene) -> None:
    candidate, order = scene.orders(overrides={"candidate": {"email": None, "firstName": None, "lastName": None}})
    scene.invited(candidate)
    [candidature] = scene.account.candidatures(scene.assessment, candidate.email)
    assert (candidature["first_name"], candidature["last_name"]) == (candidate.first_name, candidate.last_name)
    assert scene.company.learns(order)["status"] == "PENDING"


def test_an_unknown_package_is_refused(scene: Scene) -> None:
    for package in ("999999999", "no-number", "0" + scene.assessment):
        ordered = scene.company.orders(package, scene.company.candidate())
        assert (ordered.status, ordered.body["errors"][0]["code"]) == (404, "package_unknown")


def test_another_company_s_package_is_refused(scene: Scene) -> None:
    other = scene.world.scene()
    ordered = other.company.orders(scene.assessment, other.company.candidate())
    assert (ordered.status, ordered.body["errors"][0]["code"]) == (404, "package_unknown")


def test_a_package_from_before_enabling_cannot_be_ordered(world: World) -> None:
    company, account = world.company(), world.account()
    early = account.creates()
    company.connects(account.enables_the_integration())
    company.sees(account.creates())
    assert company.orders(early, company.candidate()).status == 404
