"""What can be followed: GitHub's events. They name what they are about, which is then fetched as it is selected.

Source: https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

from collections.abc import Callable
from typing import Any

from resolvers.events import Events, Filter, by_id
from resolvers.providers.github import writes
from resolvers.providers.github.reads import github, to_issue, to_issue_comment, to_pull_request, to_repository

fields = writes.fields

issues = github.nodes(to_issue)
comments = github.nodes(to_issue_comment)
pull_requests = github.nodes(to_pull_request)
repositories = github.nodes(to_repository)


def id_of(noun: str) -> Callable[[Any], Any]:
    """Where an event has the id of what it calls by this noun."""
    return lambda payload: payload[noun]["node_id"]


def this(name: str, noun: str, type_name: str, whose: str) -> Filter:
    """An argument for the id of what an event calls by this noun."""
    return by_id(name, id_of(noun), type_name, f"Only {whose}: GitHub's own id, or the global one.")


REPOSITORY = Filter(
    name="repository",
    of=lambda payload: payload["repository"]["full_name"].lower(),
    description="Only this repository: `owner/name`.",
    type=str,
    read=str.lower,
)
REF = Filter(
    name="ref",
    of=lambda payload: payload["ref"],
    description="Only this branch or tag, as in `refs/heads/main`.",
    type=str,
)
ISSUE = this("id", "issue", "GitHubIssue", "this issue"), REPOSITORY
COMMENTED = this("issue", "issue", "GitHubIssue", "comments on this issue"), REPOSITORY
PULL_REQUEST = this("id", "pull_request", "GitHubPullRequest", "this pull request"), REPOSITORY

load = Events(fields, "github").load

load("issue_opened", "issues.opened", issues, id_of("issue"), "There is a new issue.", *ISSUE)
load("issue_closed", "issues.closed", issues, id_of("issue"), "An issue was closed.", *ISSUE)
load("issue_reopened", "issues.reopened", issues, id_of("issue"), "An issue was opened again.", *ISSUE)
load(
    "issue_commented",
    "issue_comment.created",
    comments,
    id_of("comment"),
    "Somebody commented on an issue or a pull request.",
    *COMMENTED,
)
load(
    "pull_request_opened",
    "pull_request.opened",
    pull_requests,
    id_of("pull_request"),
    "There is a new pull request.",
    *PULL_REQUEST,
)
load(
    "pull_request_updated",
    "pull_request.synchronize",
    pull_requests,
    id_of("pull_request"),
    "A pull request has other commits.",
    *PULL_REQUEST,
)
load(
    "pull_request_closed",
    "pull_request.closed",
    pull_requests,
    id_of("pull_request"),
    "A pull request was closed; `merged` says whether it was taken.",
    *PULL_REQUEST,
)
load("pushed", "push", repositories, id_of("repository"), "Commits were pushed to a repository.", REPOSITORY, REF)
