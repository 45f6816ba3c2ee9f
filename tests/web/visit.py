"""A real browser on one of the gateway's pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urljoin

from playwright.sync_api import Browser, Page, Request


@dataclass
class Visit:
    """The page at `url`, and what it complained of or asked other hosts for."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def meet(self, request: Request) -> None:
        if not request.url.startswith((urljoin(self.url, "/"), "data:", "blob:")):
            self.strangers.append(request.url)


@contextmanager
def visiting(browser: Browser, url: str) -> Iterator[Visit]:
    """Open a page; it is closed after the block."""
    visit = Visit(browser.new_page(viewport={"width": 1400, "height": 900}), url)
    visit.page.on("request", visit.meet)
    visit.page.on("console", lambda m: visit.complaints.append(m.text) if m.type == "error" else None)
    visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    visit.page.goto(url)
    yield visit
    visit.page.close()
