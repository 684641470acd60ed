"""Our consent page in the browser's hands."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Frame, Locator, Page, Response
from support.company import Company
from support.world import World


def allowed(world: World, display: str = "POPUP") -> Company:
    """A new company whose admin has pressed Allow and continue; with `REDIRECT` SmartRecruiters says where to go afterwards."""
    company = world.company()
    world.smartrecruiters.put(f"companies/{company.name}", {"consent_display": display})
    company.allows()
    return company


@dataclass
class ConsentPage:
    """The page with the form, in a window of its own or in a frame."""

    page: Page
    frame: Frame | None = None

    @property
    def place(self) -> Page | Frame:
        """Where the page is shown."""
        return self.frame or self.page

    @property
    def key(self) -> Locator:
        """The field for the key."""
        return self.place.get_by_label("TestGorilla API key", exact=True)

    @property
    def button(self) -> Locator:
        """Grant consent."""
        return self.place.get_by_role("button", name="Grant consent", exact=True)

    @property
    def problem(self) -> Locator:
        """The message about what went wrong."""
        return self.place.get_by_role("alert")

    def opens(self, url: str) -> Response:
        """The admin's browser opens an address."""
        answer = self.page.goto(url)
        assert answer is not None
        return answer

    def grants(self, key: str) -> Response:
        """The admin pastes the key and presses Grant consent; returns the answer to the form."""
        self.key.fill(key)
        with self.page.expect_response(lambda answer: answer.request.method == "POST") as sent:
            self.button.click()
        self.place.wait_for_load_state()
        return sent.value

    def changes(self, field: str, value: str) -> None:
        """Somebody tampers with a hidden field."""
        self.place.locator(f'input[name="{field}"]').evaluate("(input, value) => { input.value = value }", value)
