"""What can be changed: issues and comments, their labels and who deals with them."""

from collections.abc import Awaitable, Sequence
from dataclasses import replace
from typing import Annotated, Any, TypeVar

import strawberry

from connectors.errors import NotFound, PayloadMismatch, UpstreamError
from connectors.protocols.graphql.ask import Ask
from connectors.providers.github.client import Change, Forbidden, GitHubClient, Unprocessable
from resolvers.context import Info
from resolvers.projection import TYPENAME
from resolvers.providers.github import reads
from resolvers.providers.github.reads import github, to_issue, to_issue_comment, to_pull_request
from schema.problems import BadInput
from schema.providers.github import (
    WISH,
    GitHubCommentDeleted,
    GitHubCommentResult,
    GitHubCommentSaved,
    GitHubCreateIssueInput,
    GitHubDeleteCommentResult,
    GitHubForbidden,
    GitHubIssueClosedStateReason,
    GitHubIssueResult,
    GitHubIssueSaved,
    GitHubIssueState,
    GitHubObjectNotFound,
    GitHubThreadResult,
    GitHubThreadSaved,
    GitHubUnprocessable,
    GitHubUpdateIssueInput,
)
from schema.relay import parse_global_id, upstream_id_of

T = TypeVar("T")

fields = reads.fields

IssueId = Annotated[strawberry.ID, strawberry.argument(description="GitHub's or the global id of the issue.")]
ThreadId = Annotated[
    strawberry.ID, strawberry.argument(description="GitHub's or the global id of the issue or the pull request.")
]
CommentId = Annotated[strawberry.ID, strawberry.argument(description="GitHub's or the global id of the comment.")]
LabelIds = Annotated[
    list[strawberry.ID], strawberry.argument(description="GitHub's or the global ids of labels of the repository.")
]
UserIds = Annotated[list[strawberry.ID], strawberry.argument(description="GitHub's or the global ids of users.")]
Body = Annotated[str, strawberry.argument(description="The text, in Markdown.")]
Wish = Annotated[str | None, strawberry.argument(description=WISH)]


async def outcome(id: str, doing: Awaitable[T]) -> T | GitHubObjectNotFound | GitHubForbidden | GitHubUnprocessable:
    """What came of doing something to what `id` names: that, or GitHub's refusal of it."""
    try:
        return await doing
    except NotFound:
        return GitHubObjectNotFound(upstream_id=strawberry.ID(id))
    except Forbidden as refused:
        return GitHubForbidden(reason=refused.reason)
    except Unprocessable as refused:
        return GitHubUnprocessable(message=refused.explanation)


def given(wish: str | None, **values: Any) -> dict[str, Any]:
    """The input of a mutation: what is null is left out."""
    return {name: value for name, value in {**values, "clientMutationId": wish}.items() if value is not None}


def ids_of(values: Sequence[str] | None, type_name: str) -> list[str] | None:
    """GitHub's ids, given these or the global ones."""
    return None if values is None else [upstream_id_of(one, type_name) for one in values]


def part(payload: Any, name: str, operation: str) -> Any:
    """An object that a mutation's payload always has. Raises the error that stands in its place."""
    found = payload.get(name)
    if isinstance(found, UpstreamError):
        raise found
    if not isinstance(found, dict):
        raise PayloadMismatch("github", operation, path=name, expected="an object")
    return found


async def write_issue(info: Info, change: Change, sent: dict[str, Any]) -> GitHubIssueSaved:
    """Open or change an issue."""
    asked = Ask("issue", fields=(Ask("id"), *github.held(info, "issue")))
    payload = await info.context.client(GitHubClient).change(change, sent, (asked,))
    issue = to_issue(part(payload, "issue", change))
    return GitHubIssueSaved(issue=issue, client_mutation_id=payload.get("clientMutationId"))


@fields.mutation(calls=github.calls("createIssue", alone=True))
async def github_create_issue(
    info: Info, input: Annotated[GitHubCreateIssueInput, strawberry.argument(description="The issue.")]
) -> GitHubIssueResult | None:
    """Open an issue. GitHub cannot tell a repetition from a second one."""
    repository = upstream_id_of(input.repository_id, "GitHubRepository")
    sent = given(
        input.client_mutation_id,
        repositoryId=repository,
        title=input.title,
        body=input.body,
        labelIds=ids_of(input.label_ids, "GitHubLabel"),
        assigneeIds=ids_of(input.assignee_ids, "GitHubUser"),
    )
    return await outcome(repository, write_issue(info, "createIssue", sent))


@fields.mutation(calls=github.calls("updateIssue", alone=True))
async def github_update_issue(
    info: Info,
    id: IssueId,
    input: Annotated[GitHubUpdateIssueInput, strawberry.argument(description="What is to be different.")],
) -> GitHubIssueResult | None:
    """Change an issue: its title and text, whether it is closed, all its labels, all who deal with it."""
    issue = upstream_id_of(id, "GitHubIssue")
    if input.state is GitHubIssueState.UNKNOWN:
        raise BadInput("`UNKNOWN` is an answer, it cannot be asked for in `state`")
    sent = given(
        input.client_mutation_id,
        id=issue,
        title=input.title,
        body=input.body,
        state=input.state and input.state.value,
        labelIds=ids_of(input.label_ids, "GitHubLabel"),
        assigneeIds=ids_of(input.assignee_ids, "GitHubUser"),
    )
    return await outcome(issue, write_issue(info, "updateIssue", sent))


@fields.mutation(calls=github.calls("closeIssue", alone=True))
async def github_close_issue(
    info: Info,
    id: IssueId,
    state_reason: Annotated[
        GitHubIssueClosedStateReason | None, strawberry.argument(description="Why. Default: it is done.")
    ] = None,
    duplicate_issue_id: Annotated[
        strawberry.ID | None,
        strawberry.argument(description="GitHub's or the global id of the issue that says the same."),
    ] = None,
    client_mutation_id: Wish = None,
) -> GitHubIssueResult | None:
    """Close an issue, and say why."""
    issue = upstream_id_of(id, "GitHubIssue")
    sent = given(
        client_mutation_id,
        issueId=issue,
        stateReason=state_reason and state_reason.value,
        duplicateIssueId=duplicate_issue_id and upstream_id_of(duplicate_issue_id, "GitHubIssue"),
    )
    return await outcome(issue, write_issue(info, "closeIssue", sent))


@fields.mutation(calls=github.calls("reopenIssue", alone=True))
async def github_reopen_issue(info: Info, id: IssueId, client_mutation_id: Wish = None) -> GitHubIssueResult | None:
    """Open a closed issue again."""
    issue = upstream_id_of(id, "GitHubIssue")
    return await outcome(issue, write_issue(info, "reopenIssue", given(client_mutation_id, issueId=issue)))


def thread_id(value: str) -> str:
    """GitHub's id of an issue or a pull request, given that or the global one."""
    try:
        kind, _ = parse_global_id(value)
    except BadInput:
        kind = "GitHubIssue"
    return upstream_id_of(value, kind if kind == "GitHubPullRequest" else "GitHubIssue")


OF_PULL_REQUEST = "pr_"
"""What keys of a pull request begin with where it may be an issue as well: the `state` of these is of two types."""


async def write_thread(info: Info, change: Change, sent: dict[str, Any], name: str) -> GitHubThreadSaved:
    """Change what the payload has as `name`: an issue or a pull request."""
    issue = [replace(ask, on="Issue") for ask in (Ask("id"), *github.held(info, "issue"))]
    pull_request = [
        replace(ask, on="PullRequest", key=f"{OF_PULL_REQUEST}{ask.place}")
        for ask in (Ask("id"), *github.held(info, "pullRequest"))
    ]
    asked = Ask(name, fields=(TYPENAME, *issue, *pull_request))
    payload = await info.context.client(GitHubClient).change(change, sent, (asked,))
    found = part(payload, name, change)
    if found.get("__typename") == "Issue":
        saved: dict[str, Any] = {"issue": to_issue(found), "pull_request": None}
    else:
        plain: Any = {key.removeprefix(OF_PULL_REQUEST): value for key, value in found.items()}
        saved = {"issue": None, "pull_request": to_pull_request(plain)}
    return GitHubThreadSaved(**saved, client_mutation_id=payload.get("clientMutationId"))


async def change_labels(
    info: Info, change: Change, id: str, label_ids: Sequence[str], wish: str | None
) -> GitHubThreadResult:
    """Add labels or take them away."""
    thread = thread_id(id)
    sent = given(wish, labelableId=thread, labelIds=ids_of(label_ids, "GitHubLabel"))
    return await outcome(thread, write_thread(info, change, sent, "labelable"))


async def change_assignees(
    info: Info, change: Change, id: str, user_ids: Sequence[str], wish: str | None
) -> GitHubThreadResult:
    """Add those who deal with it or take them away."""
    thread = thread_id(id)
    sent = given(wish, assignableId=thread, assigneeIds=ids_of(user_ids, "GitHubUser"))
    return await outcome(thread, write_thread(info, change, sent, "assignable"))


@fields.mutation(calls=github.calls("addLabelsToLabelable", alone=True))
async def github_add_labels(
    info: Info, id: ThreadId, label_ids: LabelIds, client_mutation_id: Wish = None
) -> GitHubThreadResult | None:
    """Give labels to an issue or a pull request, beside those that it has."""
    return await change_labels(info, "addLabelsToLabelable", id, label_ids, client_mutation_id)


@fields.mutation(calls=github.calls("removeLabelsFromLabelable", alone=True))
async def github_remove_labels(
    info: Info, id: ThreadId, label_ids: LabelIds, client_mutation_id: Wish = None
) -> GitHubThreadResult | None:
    """Take labels from an issue or a pull request."""
    return await change_labels(info, "removeLabelsFromLabelable", id, label_ids, client_mutation_id)


@fields.mutation(calls=github.calls("addAssigneesToAssignable", alone=True))
async def github_add_assignees(
    info: Info, id: ThreadId, user_ids: UserIds, client_mutation_id: Wish = None
) -> GitHubThreadResult | None:
    """Let users deal with an issue or a pull request, beside those who do."""
    return await change_assignees(info, "addAssigneesToAssignable", id, user_ids, client_mutation_id)


@fields.mutation(calls=github.calls("removeAssigneesFromAssignable", alone=True))
async def github_remove_assignees(
    info: Info, id: ThreadId, user_ids: UserIds, client_mutation_id: Wish = None
) -> GitHubThreadResult | None:
    """Let users no longer deal with an issue or a pull request."""
    return await change_assignees(info, "removeAssigneesFromAssignable", id, user_ids, client_mutation_id)


async def write_comment(info: Info, change: Change, sent: dict[str, Any], path: Sequence[str]) -> GitHubCommentSaved:
    """Add or change a comment, which the payload has at `path`."""
    *outer, last = path
    asked = Ask(last, fields=(Ask("id"), *github.held(info, "comment")))
    for name in reversed(outer):
        asked = Ask(name, fields=(asked,))
    payload = await info.context.client(GitHubClient).change(change, sent, (asked,))
    found: Any = payload
    for name in path:
        found = part(found, name, change)
    return GitHubCommentSaved(comment=to_issue_comment(found), client_mutation_id=payload.get("clientMutationId"))


@fields.mutation(calls=github.calls("addComment", alone=True))
async def github_add_comment(
    info: Info, id: ThreadId, body: Body, client_mutation_id: Wish = None
) -> GitHubCommentResult | None:
    """Say something about an issue or a pull request. GitHub cannot tell a repetition from a second comment."""
    thread = thread_id(id)
    sent = given(client_mutation_id, subjectId=thread, body=body)
    return await outcome(thread, write_comment(info, "addComment", sent, ("commentEdge", "node")))


@fields.mutation(calls=github.calls("updateIssueComment", alone=True))
async def github_update_issue_comment(
    info: Info, id: CommentId, body: Body, client_mutation_id: Wish = None
) -> GitHubCommentResult | None:
    """Change a comment's text."""
    comment = upstream_id_of(id, "GitHubIssueComment")
    sent = given(client_mutation_id, id=comment, body=body)
    return await outcome(comment, write_comment(info, "updateIssueComment", sent, ("issueComment",)))


@fields.mutation(calls=github.calls("deleteIssueComment", alone=True))
async def github_delete_issue_comment(
    info: Info, id: CommentId, client_mutation_id: Wish = None
) -> GitHubDeleteCommentResult | None:
    """Delete a comment."""
    comment = upstream_id_of(id, "GitHubIssueComment")

    async def delete() -> GitHubCommentDeleted:
        sent = given(client_mutation_id, id=comment)
        payload = await info.context.client(GitHubClient).change("deleteIssueComment", sent, ())
        return GitHubCommentDeleted(
            upstream_id=strawberry.ID(comment), client_mutation_id=payload.get("clientMutationId")
        )

    return await outcome(comment, delete())
