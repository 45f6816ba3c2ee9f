"""What is at which address, beside GraphQL itself."""

import re

from tests.server.toy import ask, toy_app

HTML = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def test_the_schema_is_served_with_a_strong_etag() -> None:
    first = ask("GET", "/schema.graphql")
    again = ask("GET", "/schema.graphql", headers={"If-None-Match": f'"other", W/{first.headers["etag"]}'})
    other = ask("GET", "/schema.graphql", headers={"If-None-Match": '"other"'})

    assert first.headers["content-type"] == "text/plain; charset=utf-8"
    assert re.fullmatch(r'"\w+"', first.headers["etag"])
    assert "type Query {" in first.text
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert (other.status_code, other.text) == (200, first.text)


def test_health_and_readiness_name_the_providers() -> None:
    assert ask("GET", "/healthz").json() == {"status": "alive"}
    assert ask("GET", "/readyz").json() == {"status": "ready", "providers": {"toy": "sandbox"}}


def test_the_root_leads_to_graphql() -> None:
    response = ask("GET", "/")

    assert (response.status_code, response.headers["location"]) == (307, "/graphql")


def test_a_browser_gets_the_page_under_a_policy_that_names_no_other_host() -> None:
    response = ask("GET", "/graphql", headers=HTML)

    policy = response.headers["content-security-policy"]
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert policy.startswith("default-src 'none'; ")
    assert "http" not in policy
    assert "frame-ancestors 'none'" in policy
    assert response.headers["vary"] == "Accept"


def test_every_file_that_the_page_names_is_there() -> None:
    page = ask("GET", "/graphql", headers=HTML).text
    paths = re.findall(r'(?:src|href)="([^"]+)"', page)

    responses = {path: ask("GET", path) for path in paths}

    assert len(paths) >= 3
    assert {path: response.status_code for path, response in responses.items()} == dict.fromkeys(paths, 200)
    assert all(response.headers["cache-control"] == "no-cache" for response in responses.values())


def test_a_file_with_a_hash_in_its_name_may_be_kept_for_good() -> None:
    script = ask("GET", "/graphiql/graphiql.js").text
    chunk = re.findall(r"[\w.-]+-[0-9A-Z]{8}\.js", script)[0]

    response = ask("GET", f"/graphiql/{chunk}")

    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_no_other_file_can_be_reached() -> None:
    assert ask("GET", "/graphiql/..%2fpackage.json").status_code == 404
    assert ask("GET", "/graphiql/missing-ABCDEFGH.js").status_code == 404


def test_graphiql_can_be_turned_off() -> None:
    app = toy_app(graphiql=False)

    page = ask("GET", "/graphql", app=app, headers=HTML)
    script = ask("GET", "/graphiql/graphiql.js", app=app)

    assert (page.status_code, page.headers["content-type"]) == (400, "application/json; charset=utf-8")
    assert script.status_code == 404


def test_the_operators_page_is_there_where_there_are_operators() -> None:
    paths = ("/operators", "/operators/page.js", "/operators/page.css", "/operators/graphql.js")
    app = toy_app(operator_token="operators-only-0123")

    assert [ask("GET", path, app=app).status_code for path in paths] == [200] * len(paths)
    assert [ask("GET", path).status_code for path in paths] == [404] * len(paths)


def test_a_program_that_accepts_anything_does_not_get_the_page() -> None:
    response = ask("GET", "/graphql?query={echo}", headers={"Accept": "*/*"})

    assert response.json() == {"data": {"echo": "hello"}}
