"""The consent page as a browser reads it."""

from __future__ import annotations

from html.parser import HTMLParser


class Page(HTMLParser):
    """A page's form and its words."""

    def __init__(self, html: str) -> None:
        """Reads a page."""
        super().__init__()
        # Attributes of the form.
        self.form: dict[str, str] = {}
        # Value by name of every input.
        self.inputs: dict[str, str] = {}
        # Texts of the buttons.
        self.buttons: list[str] = []
        # All that is shown, outside of styles.
        self.text = ""
        # What is shown in the message about a problem, or about success.
        self.message = ""
        self._open: list[tuple[str, bool]] = []
        self.feed(html)
        self.text = " ".join(self.text.split())
        self.message = " ".join(self.message.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes forms, inputs and messages."""
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.form = values
        elif tag == "input":
            self.inputs[values.get("name", "")] = values.get("value", "")
            return
        elif tag == "meta":
            return
        elif tag == "button":
            self.buttons.append("")
        self._open.append((tag, values.get("role") in ("alert", "status")))

    def handle_endtag(self, tag: str) -> None:
        """Closes what was opened last under that name."""
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Notes what is shown."""
        inside = [tag for tag, _ in self._open]
        if "style" in inside:
            return
        self.text += data + " "
        if any(is_message for _, is_message in self._open):
            self.message += data + " "
        if inside and inside[-1] == "button":
            self.buttons[-1] += data
