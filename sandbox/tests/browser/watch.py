"""What a browser notices that nobody sees: errors, cookies, and requests to elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response, WebError

# The browser's own remarks on what is as it should be.
REMARKS = (
    # A page is answered by an error: the status is what the test asks for.
    "Failed to load resource: the server responded with a status of",
    # In a frame of another origin a script gives the focus instead.
    "Blocked autofocusing on a <div> element in a cross-origin subframe.",
)


@dataclass
class Watch:
    """Watches one browser context, from its first page to its end."""

    # Address of the product's pages, without their query.
    ours: str
    # What is wrong, in words.
    found: list[str] = field(default_factory=list)
    # Forms that were sent to the product.
    posts: list[Request] = field(default_factory=list)

    def begin(self, context: BrowserContext) -> None:
        """Watches from now on."""
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("request", self._request)
        context.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(REMARKS):
            self.found.append(f"console: {message.text} ({message.location})")

    def _error(self, error: WebError) -> None:
        self.found.append(f"script: {error.error}")

    def _request(self, request: Request) -> None:
        if request.method == "POST" and request.url.startswith(self.ours):
            self.posts.append(request)
        # A page of ours holds all that it needs: whatever it asks for besides is one request too many.
        if not request.is_navigation_request() and request.frame.url.startswith(self.ours):
            if not request.url.startswith("data:"):
                self.found.append(f"a page of ours asks for {request.url}")

    def _response(self, response: Response) -> None:
        if response.url.startswith(self.ours) and response.header_value("set-cookie") is not None:
            self.found.append(f"{response.url} sets a cookie")
