import pytest

from server.media import is_json, preferred

OFFERED = ("application/json", "application/graphql-response+json", "text/html")
OLD, NEW, HTML = OFFERED


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("", OLD),
        ("*/*", OLD),
        ("application/*", OLD),
        (NEW, NEW),
        (f"{NEW}, {OLD}", NEW),
        (f"{OLD}, {NEW}", OLD),
        (f"{OLD};q=0.9, {NEW};q=0.8", OLD),
        (f"{OLD};q=0.8,{NEW};q=0.9", NEW),
        (f"*/*, {NEW}", NEW),
        (f"*/*;q=1, {OLD};q=0.1, {HTML};q=0", NEW),
        ("TEXT/HTML, */*;q=0.8", HTML),
        (f'{NEW}; charset="utf-8"', NEW),
        (f"{NEW}; charset=latin-1, {OLD}", OLD),
        ("text/plain", None),
        (f"{OLD};q=0", None),
        (f"{OLD};q=nan", None),
        (f"{OLD};q=x", None),
        ("nonsense", None),
    ],
)
def test_the_best_liked_media_type_is_chosen(accept: str, chosen: str | None) -> None:
    assert preferred(accept, OFFERED) == chosen


@pytest.mark.parametrize(
    ("content_type", "json"),
    [
        ("application/json", True),
        ("Application/Json ; Charset=UTF-8", True),
        ("application/json; charset=utf-16", False),
        ("application/jsonp", False),
        ("text/plain", False),
        ("json", False),
        ("", False),
    ],
)
def test_json_in_utf_8_is_known_by_its_content_type(content_type: str, json: bool) -> None:
    assert is_json(content_type) is json
