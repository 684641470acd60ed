"""The whole journey, clicked through in a browser: each test is a row of the README's promises, and goes on from the one before."""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect
from support.control import Control, Refused
from support.polling import eventually
from support.world import World

from . import accessibility
from .chromium import DESK, Chromium
from .consent import ConsentPage
from .people import Applicant, Colleague, Customer
from .pictures import Album

EARLY, OFFERED, ARCHIVED, EMPTY = "Support engineer", "Rust developer", "Front-end developer", "Team lead"
JUNO, KIM, LEE = "Juno Example", "Kim Example", "Lee Example"


@dataclass
class Journey:
    """Everybody in it, and what they know by now."""

    world: World
    album: Album
    name: str
    windows: Callable[[], Page]
    key: str = ""
    results: str = ""
    people: dict[str, Page] = field(default_factory=dict)
    # What axe finds, by screen.
    barriers: dict[str, list[str]] = field(default_factory=dict)

    def page(self, who: str) -> Page:
        """The window of a person, opened when they first come into it."""
        if who not in self.people:
            self.people[who] = self.windows()
        return self.people[who]

    def customer(self, name: str) -> Customer:
        """Olga, the owner; Adam, an admin; Rosa, a recruiter of the account; anybody else is no user of it."""
        return Customer(self.page(name), self.world.testgorilla.url, self.name, f"{name}@{self.name}.example")

    @property
    def olga(self) -> Customer:
        """The owner of the TestGorilla account."""
        return self.customer("olga")

    @property
    def ada(self) -> Colleague:
        """The company's admin in SmartRecruiters."""
        return Colleague(self.page("ada"), self.world.smartrecruiters.url, self.name, "Admin")

    @property
    def rita(self) -> Colleague:
        """The company's recruiter in SmartRecruiters."""
        return Colleague(self.page("rita"), self.world.smartrecruiters.url, self.name, "Recruiter")

    def applicant(self, name: str) -> Applicant:
        """A candidate."""
        return Applicant(self.page(name), self.world.testgorilla.url, self.name, self.email(name))

    def email(self, name: str) -> str:
        """A candidate's address."""
        return f"{name.split()[0].lower()}@{self.name}.mail.example"

    def shows(self, page: Page, name: str, full: bool = False) -> None:
        """Keeps a picture of a screen, and notes what axe finds on it."""
        self.album.keep(page, name, full)
        for scheme in ("dark", "light"):
            page.emulate_media(color_scheme=scheme)
            self.barriers[f"{name}, {scheme}"] = accessibility.violations(page)


@pytest.fixture(scope="module")
def journey(chromium: Chromium, world: World, album: Album) -> Iterator[Journey]:
    """A company and an account that nobody has used before."""
    name = next(name for name in _names() if _is_free(world.smartrecruiters, "companies", name)
                and _is_free(world.testgorilla, "accounts", name))
    users = [("olga", "owner"), ("adam", "admin"), ("rosa", "recruiter")]
    world.testgorilla.put(f"accounts/{name}", {"plan": "starter", "users": [
        {"email": f"{person}@{name}.example", "role": role} for person, role in users]})
    world.marks.add("company", name)
    with ExitStack() as windows:
        def window() -> Page:
            opened = windows.enter_context(chromium.window(DESK))
            opened.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
            return opened.page

        yield Journey(world, album, name, window)


@pytest.fixture(autouse=True)
def one_row_after_the_other(request: pytest.FixtureRequest) -> Iterator[None]:
    """A row cannot be walked when one before it was not."""
    failed = request.session.testsfailed
    if request.module.__dict__.get("broken"):
        pytest.skip("a row before this one is broken")
    yield
    if request.session.testsfailed > failed:
        request.module.broken = True


def test_row_01_only_owner_and_admins_of_a_pro_account_see_the_integrations_page_and_copy_the_key(journey: Journey) -> None:
    rosa, adam, olga = journey.customer("rosa"), journey.customer("adam"), journey.olga
    rosa.signs_in()
    expect(rosa.page.get_by_role("link", name="Integrations")).to_have_count(0)
    refused = rosa.page.goto(f"{rosa.url}/customer/{journey.name}/integrations")
    assert refused is not None and refused.status == 403
    expect(rosa.page.get_by_role("main")).to_contain_text("Only the owner and admins")

    adam.signs_in()
    adam.goes_to("Integrations")
    expect(adam.page.get_by_role("main")).to_contain_text("Integrations are part of the Pro plan.")
    expect(adam.page.get_by_role("button", name="Enable integration")).to_have_count(0)

    olga.signs_in()
    olga.creates(EARLY, "Problem solving")
    olga.chooses_plan("Pro")
    journey.key = olga.enables_and_copies_the_key()
    journey.world.marks.add("secret", journey.key)
    expect(olga.page.locator("#api-key")).to_have_text(journey.key)
    journey.shows(olga.page, "testgorilla-integrations")
    adam.page.reload()
    expect(adam.page.locator("#api-key")).to_have_text(journey.key)
    adam.page.close()
    rosa.page.close()


def test_row_02_an_admin_finds_testgorilla_and_presses_connect_and_allow_and_continue(journey: Journey) -> None:
    page = journey.ada.page
    page.goto(journey.ada.url)
    page.get_by_label("Company id").fill(journey.name)
    page.get_by_role("button", name="Add company").click()
    expect(page.get_by_role("status")).to_contain_text("was added")
    # Other tests' companies are led to our page; this one is shown it in a frame.
    journey.world.smartrecruiters.put(f"companies/{journey.name}", {"consent_display": "POPUP"})
    journey.ada.signs_in()
    journey.ada.finds_testgorilla()
    journey.shows(page, "smartrecruiters-testgorilla")
    journey.ada.allows()


def test_row_03_a_bad_key_gets_its_sentence_and_a_good_one_connects_in_the_frame(journey: Journey) -> None:
    ada, ops = journey.ada, journey.world.ops
    frame = ada.page.get_by_title("TestGorilla: Grant consent").element_handle().content_frame()
    assert frame is not None
    consent = ConsentPage(ada.page, frame)
    journey.shows(ada.page, "smartrecruiters-consent-in-its-frame")
    assert consent.grants(secrets.token_hex(20)).status == 422
    expect(consent.problem).to_contain_text("TestGorilla does not know this API key.")
    ops.nothing_is_stored(journey.name)
    ada.page.evaluate("key => navigator.clipboard.writeText(key)", journey.key)
    consent.key.press("Control+v")
    consent.key.press("Enter")
    expect(frame.get_by_role("status")).to_contain_text("You may close this window.")
    expect(ada.page.get_by_role("status").filter(has_text="You can close this window.")).to_be_visible()
    journey.shows(ada.page, "smartrecruiters-connected-in-its-frame")
    ada.sees_that_it_is_connected()
    assert len(ops.company_secrets(journey.name)) == 1


def test_row_04_assessments_created_since_are_offered_and_no_others(journey: Journey) -> None:
    olga, rita, ops = journey.olga, journey.rita, journey.world.ops
    olga.creates(OFFERED, "Rust (coding)", "SQL", "Big 5 (OCEAN)")
    olga.creates(EMPTY)
    olga.creates(ARCHIVED, "English (proficient/C1)")
    olga.archives()
    olga.goes_to("Assessments")
    journey.shows(olga.page, "testgorilla-assessments")

    rita.signs_in()
    for candidate in (JUNO, KIM, LEE):
        first, last = candidate.split()
        rita.adds(first, last, journey.email(candidate))
    rita.browses_for(KIM)
    # The stored copy is kept for a minute; here the minute is over.
    long_ago = int(time.time() - 3600) * 1000
    eventually(lambda: all(ops.sets(copy, checked_at=long_ago, refreshed_at=long_ago)
                           for copy in ops.items(journey.name, "CATALOGUE")))
    preferred = rita.page.get_by_role("group", name="Preferred")
    eventually(lambda: rita.page.reload() and preferred.is_visible())
    offered = preferred.get_by_role("checkbox")
    expect(offered).to_have_count(1)
    expect(preferred).to_contain_text(OFFERED)
    for name in (EARLY, EMPTY, ARCHIVED):
        expect(rita.page.get_by_role("main")).not_to_contain_text(name)
    journey.shows(rita.page, "smartrecruiters-browse")


def test_row_05_who_enters_an_auto_triggered_step_is_ordered_the_assessment(journey: Journey) -> None:
    rita = journey.rita
    rita.goes_to("Job")
    rita.page.get_by_role("link", name="Skills Test").click()
    rita.page.get_by_role("radio", name=OFFERED).check()
    rita.page.get_by_role("switch", name="AUTO-TRIGGERED").check()
    journey.shows(rita.page, "smartrecruiters-skills-test")
    rita.page.get_by_role("button", name="Save").click()
    expect(rita.page.get_by_role("row", name="Skills Test")).to_contain_text("AUTO-TRIGGERED")
    rita.moves(JUNO, "Skills Test")
    expect(rita.row(JUNO)).to_contain_text("Pending")
    rita.opens_assessments_of(JUNO)
    expect(rita.order(OFFERED)).to_contain_text("AUTO-TRIGGERED")


def test_row_06_a_recruiter_orders_by_hand(journey: Journey) -> None:
    rita = journey.rita
    rita.browses_for(KIM)
    rita.page.get_by_role("checkbox", name=OFFERED).check()
    rita.page.get_by_role("button", name="CONTINUE").click()
    expect(rita.page.get_by_role("main")).to_contain_text(journey.email(KIM))
    journey.shows(rita.page, "smartrecruiters-review")
    rita.page.get_by_role("button", name="SEND").click()
    expect(rita.order(OFFERED)).to_contain_text("by Rita Example")


def test_row_07_the_order_is_shown_as_sent_and_pending_at_once(journey: Journey) -> None:
    rita = journey.rita
    expect(rita.order(OFFERED).get_by_text("Pending", exact=True).first).to_be_visible()
    expect(rita.order(OFFERED).get_by_role("term").filter(has_text="Sent")).to_be_visible()
    journey.shows(rita.page, "smartrecruiters-pending")
    [order] = journey.world.smartrecruiters.get("orders", company=journey.name, email=journey.email(KIM))
    assert [delivery["status"] for delivery in order["deliveries"]] == [202]


def test_row_08_the_candidate_is_invited_once_and_not_before_the_delay(journey: Journey) -> None:
    delay = timedelta(seconds=int(journey.world.ops.variable("INVITATION_DELAY_SECONDS")))
    for candidate in (JUNO, KIM):
        applicant = journey.applicant(candidate)
        applicant.looks_into_the_mailbox()
        expect(applicant.mails).to_have_count(1)
        expect(applicant.mails).to_contain_text(OFFERED)
        [order] = journey.world.smartrecruiters.get("orders", company=journey.name, email=applicant.email)
        [mail] = journey.world.testgorilla.get("mailbox", account=journey.name, email=applicant.email)
        ordered, invited = _time(order["deliveries"][0]["sent_at"]), _time(mail["sent_at"])
        assert delay <= invited - ordered < timedelta(minutes=30)
    journey.shows(journey.applicant(KIM).page, "testgorilla-mailbox")
    journey.world.ops.reconciles()
    for candidate in (JUNO, KIM):
        journey.applicant(candidate).page.reload()
        expect(journey.applicant(candidate).mails).to_have_count(1)


def test_row_09_the_assessment_is_not_offered_again_and_a_second_order_sends_no_second_invitation(journey: Journey) -> None:
    rita, kim, world = journey.rita, journey.applicant(KIM), journey.world
    rita.browses_for(KIM)
    expect(rita.page.get_by_role("checkbox")).to_have_count(0)
    expect(rita.page.get_by_role("main")).to_contain_text(f"Sent already, and not offered again: {OFFERED}")
    journey.shows(rita.page, "smartrecruiters-not-offered-again")
    [first] = world.smartrecruiters.get("orders", company=journey.name, email=kim.email)
    first_name, last_name = KIM.split()
    # No screen of SmartRecruiters sends it again.
    again = world.smartrecruiters.post("orders", {
        "company": journey.name, "package": first["request"]["assessmentPackageId"], "again": True,
        "candidate": {"email": kim.email, "first_name": first_name, "last_name": last_name}})
    assert again["status"] == 202
    eventually(lambda: world.smartrecruiters.get(f"orders/{again['order']}")["patches"] > 0)
    kim.page.reload()
    expect(kim.mails).to_have_count(1)


def test_row_10_progress_score_link_flags_and_each_tests_score_come_back(journey: Journey) -> None:
    rita, juno = journey.rita, journey.applicant(JUNO)
    rita.opens_assessments_of(JUNO)
    order = rita.order(OFFERED)
    juno.starts()
    expect(order).to_have_attribute("data-status", "IN_PROGRESS")
    journey.shows(juno.page, "testgorilla-taking")
    juno.finishes({"Rust (coding)": "91", "SQL": "72", "Big 5 (OCEAN)": "Curious and calm"},
                  ["The webcam is on", "The mouse left the window"])
    expect(order).to_have_attribute("data-status", "COMPLETED")
    expect(order).to_contain_text("82 out of 100")
    tests = order.get_by_role("table", name=f"Tests of {OFFERED}")
    expect(tests.get_by_role("row", name="Rust (coding)")).to_contain_text("91 out of 100")
    expect(tests.get_by_role("row", name="SQL")).to_contain_text("72 out of 100")
    expect(tests.get_by_role("row", name="Big 5 (OCEAN)")).to_contain_text("Curious and calm")
    expect(order).to_contain_text("ouse")
    journey.shows(rita.page, "smartrecruiters-results", full=True)
    journey.results = order.get_by_role("link", name="See Results").get_attribute("href") or ""
    rita.goes_to("Job")
    expect(rita.row(JUNO)).to_contain_text("82/100")
    journey.shows(rita.page, "smartrecruiters-job")


def test_row_11_see_results_opens_the_candidate_page_for_users_of_the_account_alone(journey: Journey) -> None:
    rita, olga = journey.rita, journey.olga
    # The link names a candidate, and is no key to anything.
    address = urlsplit(journey.results)
    assert list(parse_qs(address.query)) == ["candidature"] and not address.fragment
    rita.opens_assessments_of(JUNO)
    with rita.page.expect_popup() as opened:
        rita.order(OFFERED).get_by_role("link", name="See Results").click()
    results = opened.value
    expect(results.get_by_role("heading", name="Sign in")).to_be_visible()
    stranger = f"rita@{journey.name}.example"
    somebody = results.get_by_role("region", name="Somebody else")
    somebody.get_by_label("Email").fill(stranger)
    somebody.get_by_role("button", name="Sign in").click()
    expect(results.get_by_role("main")).to_contain_text(f"Request access from the account owner (olga@{journey.name}.example)")
    expect(results.get_by_role("main")).not_to_contain_text(JUNO)
    journey.shows(results, "testgorilla-request-access")
    results.close()

    olga.page.goto(journey.results)
    expect(olga.page.get_by_role("heading", name=JUNO)).to_be_visible()
    expect(olga.page.get_by_role("main")).to_contain_text("81.5 of 100")
    expect(olga.page.get_by_role("row", name="Mouse always in assessment window")).to_contain_text("No")
    journey.shows(olga.page, "testgorilla-candidate", full=True)


def test_row_12_disconnect_and_disable_each_end_the_integration_and_connecting_again_works(journey: Journey) -> None:
    ada, rita, olga, ops = journey.ada, journey.rita, journey.olga, journey.world.ops
    ada.disconnects()
    _is_over(journey)
    rita.opens_assessments_of(KIM)
    rita.page.get_by_role("link", name="Browse").click()
    expect(rita.page.get_by_role("main")).to_contain_text("No assessment partner is connected.")

    ada.connects(journey.key)
    rita.browses_for(LEE)
    expect(rita.page.get_by_role("checkbox", name=OFFERED)).to_be_visible()

    olga.disables()
    _is_over(journey)
    rita.browses_for(LEE)
    expect(rita.page.get_by_role("alert")).to_contain_text("There are no assessments to choose from.")

    key = olga.enables_and_copies_the_key()
    journey.world.marks.add("secret", key)
    assert key != journey.key
    ada.disconnects()
    ada.connects(key)
    assert len(ops.company_secrets(journey.name)) == 1


def test_row_13_why_an_assessment_is_not_showing_up_can_be_looked_up(journey: Journey) -> None:
    olga = journey.olga
    olga.creates("Data engineer", "SQL")
    olga.archives()
    olga.creates("Designer")
    olga.goes_to("Assessments")
    reasons = {}
    for name in (EARLY, OFFERED, "Data engineer", "Designer"):
        address = olga.page.get_by_role("link", name=name, exact=True).get_attribute("href") or ""
        reasons[name] = journey.world.ops.asks_why(journey.name, address.rpartition("/")[2])["reason"]
    # The integration was enabled anew, with another key.
    assert reasons == {EARLY: "created_before_enabling", OFFERED: "created_before_enabling", "Data engineer": "archived",
                       "Designer": "empty"}


def test_what_happened_to_an_order_is_told_call_by_call(journey: Journey) -> None:
    rita = journey.rita
    rita.opens_assessments_of(JUNO)
    rita.order(OFFERED).get_by_role("link", name="What happened").click()
    calls = rita.page.get_by_role("listitem").filter(has=rita.page.locator("summary"))
    operations = calls.locator("summary strong").all_inner_texts()
    for one, other in itertools.pairwise(["orderPackage", "inviteCandidate", "patchResults"]):
        assert operations.index(one) < operations.index(other), operations
    expect(rita.page.get_by_role("main")).not_to_contain_text(journey.key)
    expect(rita.page.get_by_role("main")).not_to_contain_text(journey.email(JUNO))
    journey.shows(rita.page, "what-happened", full=True)


def test_axe_finds_nothing_on_any_screen_of_the_journey(journey: Journey) -> None:
    assert len(journey.barriers) >= 30
    assert not {screen: found for screen, found in journey.barriers.items() if found}


def _is_over(journey: Journey) -> None:
    """The keys are destroyed; results that were delivered stay."""
    eventually(lambda: journey.world.ops.company_secrets(journey.name), until=lambda kept: not kept,
               meanwhile=journey.world.ops.reconciles)
    journey.rita.opens_assessments_of(JUNO)
    expect(journey.rita.order(OFFERED)).to_contain_text("82 out of 100")


def _names() -> Iterator[str]:
    """Names of a company and its account."""
    yield "globex-example"
    yield from (f"globex-{number}-example" for number in itertools.count(2))


def _is_free(stand_in: Control, kind: str, name: str) -> bool:
    """Whether nobody has this name."""
    try:
        stand_in.get(f"{kind}/{name}")
    except Refused as refused:
        assert refused.status == 404
        return True
    return False


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
