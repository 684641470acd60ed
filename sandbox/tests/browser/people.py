"""People of the journey at their screens: each has a window of their own, and does with it what a person does."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from .consent import ConsentPage


@dataclass(frozen=True)
class Customer:
    """A user of a TestGorilla account."""

    page: Page
    url: str
    account: str
    email: str

    def signs_in(self) -> None:
        """Signs in by typing the address."""
        self.page.goto(f"{self.url}/sign-in")
        somebody = self.page.get_by_role("region", name="Somebody else")
        somebody.get_by_label("Email").fill(self.email)
        somebody.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_text(self.email)).to_be_visible()

    def goes_to(self, screen: str) -> None:
        """Follows the navigation."""
        self.page.get_by_role("navigation").get_by_role("link", name=screen, exact=True).click()
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(screen)

    def chooses_plan(self, plan: str) -> None:
        """Changes the account's plan."""
        self.goes_to("Account")
        self.page.get_by_label("Plan of the account").select_option(plan)
        self.page.get_by_role("button", name="Change plan").click()
        expect(self.page.get_by_label("Plan of the account")).to_have_value(plan)

    def enables_and_copies_the_key(self) -> str:
        """Enables the integration and copies the key to the clipboard; returns what is there then."""
        self.goes_to("Integrations")
        self.page.get_by_role("button", name="Enable integration").click()
        self.page.get_by_role("button", name="Copy API key").click()
        expect(self.page.get_by_role("button", name="Copied")).to_be_visible()
        return str(self.page.evaluate("navigator.clipboard.readText()"))

    def disables(self) -> None:
        """Disables the integration."""
        self.goes_to("Integrations")
        self.page.get_by_role("button", name="Disable integration").click()
        expect(self.page.get_by_role("status")).to_contain_text("no longer accepted")

    def creates(self, name: str, *tests: str) -> None:
        """Creates an assessment of some tests."""
        self.goes_to("Assessments")
        self.page.get_by_role("link", name="Create assessment").click()
        self.page.get_by_label("Name", exact=True).fill(name)
        for test in tests:
            self.page.get_by_label(test).check()
        self.page.get_by_role("button", name="Create assessment").click()
        expect(self.page.get_by_role("heading", name=name)).to_be_visible()

    def archives(self) -> None:
        """Archives the assessment that is shown."""
        self.page.get_by_role("button", name="Archive").click()
        expect(self.page.get_by_role("button", name="Unarchive")).to_be_visible()


@dataclass(frozen=True)
class Colleague:
    """Somebody who works with SmartRecruiters."""

    page: Page
    url: str
    company: str
    role: str

    def signs_in(self) -> None:
        """Signs in as the company's admin or recruiter."""
        name = {"Admin": "Ada Example, ada", "Recruiter": "Rita Example, rita"}[self.role]
        self.page.goto(self.url)
        self.page.get_by_role("button", name=f"{self.role} {name}@{self.company}.example", exact=True).click()
        expect(self.page.get_by_role("button", name="Sign out")).to_be_visible()

    def goes_to(self, screen: str) -> None:
        """Follows the navigation."""
        self.page.get_by_role("navigation", name="Main").get_by_role("link", name=screen, exact=True).click()

    # --- the admin -------------------------------------------------------------------------------

    def finds_testgorilla(self) -> None:
        """Looks for TestGorilla under Apps & Integrations."""
        self.goes_to("Apps & Integrations")
        self.page.get_by_label("Find an app").fill("TestGorilla")
        self.page.get_by_role("button", name="Search").click()
        self.page.get_by_role("link", name="TestGorilla", exact=True).click()
        expect(self.page.get_by_role("heading", name="TestGorilla", level=1)).to_be_visible()

    def allows(self) -> ConsentPage:
        """Presses Connect, then Allow and continue, and sees our page in its frame."""
        self.page.get_by_role("link", name="Connect", exact=True).click()
        self.page.get_by_role("button", name="Allow and continue").click()
        frame = self.page.get_by_title("TestGorilla: Grant consent").element_handle().content_frame()
        assert frame is not None
        consent = ConsentPage(self.page, frame)
        expect(consent.button).to_be_visible()
        return consent

    def connects(self, key: str) -> None:
        """Connects TestGorilla with a good key."""
        self.finds_testgorilla()
        self.allows().grants(key)
        self.sees_that_it_is_connected()

    def sees_that_it_is_connected(self) -> None:
        """Closes the frame and sees the state."""
        expect(self.page.get_by_role("status")).to_contain_text("Connected You can close this window.")
        self.page.get_by_role("link", name="Close").click()
        expect(self.page.locator("#state")).to_have_text("Connected")

    def disconnects(self) -> None:
        """Presses Disconnect."""
        self.finds_testgorilla()
        self.page.get_by_role("button", name="Disconnect").click()
        expect(self.page.get_by_role("status")).to_have_text("TestGorilla is disconnected.")
        expect(self.page.locator("#state")).to_have_text("Not connected")

    # --- the recruiter ---------------------------------------------------------------------------

    def adds(self, first_name: str, last_name: str, email: str) -> None:
        """Somebody applies for the job."""
        self.goes_to("Job")
        form = self.page.locator("details", has_text="Add a candidate")
        if form.get_attribute("open") is None:
            form.locator("summary").click()
        self.page.get_by_label("First name").fill(first_name)
        self.page.get_by_label("Last name").fill(last_name)
        self.page.get_by_label("Email").fill(email)
        self.page.get_by_role("button", name="Add candidate").click()
        expect(self.row(f"{first_name} {last_name}")).to_be_visible()

    def row(self, candidate: str) -> Locator:
        """A candidate's row on the job's page."""
        return self.page.get_by_role("row").filter(has=self.page.get_by_role("link", name=candidate, exact=True))

    def moves(self, candidate: str, step: str) -> None:
        """Moves a candidate into a hiring step."""
        self.goes_to("Job")
        self.page.get_by_label(f"Select {candidate}").check()
        self.page.get_by_label("Move to").select_option(step)
        self.page.get_by_role("button", name="Move", exact=True).click()
        expect(self.row(candidate)).to_contain_text(step)

    def opens_assessments_of(self, candidate: str) -> None:
        """Opens the Assessment tab of a candidate."""
        self.goes_to("Job")
        self.page.get_by_role("link", name=candidate, exact=True).click()
        self.page.get_by_role("navigation", name="Candidate").get_by_role("link", name="Assessment").click()
        expect(self.page.get_by_role("link", name="Browse")).to_be_visible()

    def browses_for(self, candidate: str) -> None:
        """Opens what TestGorilla offers for a candidate."""
        self.opens_assessments_of(candidate)
        self.page.get_by_role("link", name="Browse").click()
        self.page.get_by_role("link", name="TestGorilla", exact=True).click()
        expect(self.page.get_by_role("heading", name="TestGorilla", level=1)).to_be_visible()

    def order(self, assessment: str) -> Locator:
        """An order on the Assessment tab, which refreshes by itself."""
        return self.page.get_by_role("article", name=assessment)


@dataclass(frozen=True)
class Applicant:
    """A candidate at their mailbox."""

    page: Page
    url: str
    account: str
    email: str

    @property
    def mails(self) -> Locator:
        """The account's invitations to the candidate; the mailbox refreshes by itself."""
        return self.page.get_by_role("listitem").filter(has_text=f"{self.account}, by TestGorilla")

    def looks_into_the_mailbox(self) -> None:
        """Opens the mailbox."""
        self.page.goto(f"{self.url}/mailbox")
        self.page.get_by_label("Candidate’s email").fill(self.email)
        self.page.get_by_role("button", name="Show").click()
        expect(self.page.get_by_label("Candidate’s email")).to_have_value(self.email)

    def starts(self) -> None:
        """Opens the invitation and starts."""
        self.mails.get_by_role("link", name="Take assessment").click()
        self.page.get_by_role("button", name="Start assessment").click()
        expect(self.page.get_by_role("button", name="Finish assessment")).to_be_visible()

    def finishes(self, answers: dict[str, str], noticed: list[str]) -> None:
        """Answers and finishes."""
        for test, answer in answers.items():
            self.page.get_by_label(test).fill(answer)
        for what in noticed:
            self.page.get_by_label(what).check()
        self.page.get_by_role("button", name="Finish assessment").click()
        expect(self.page.get_by_text("you have finished this assessment")).to_be_visible()
