"""GitHub's part of the graph. Types are prefixed; fields, arguments and enum members have GitHub's own names."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import Enum
from typing import Annotated, Any

import strawberry

from schema.relay import Node

UNKNOWN = strawberry.enum_value(
    "UNKNOWN", description="A word that GitHub added after this graph was made. Cannot be used as an argument."
)


@strawberry.enum(description="Where an issue stands.")
class GitHubIssueState(Enum):
    OPEN = strawberry.enum_value("OPEN", description="It is still to be dealt with.")
    CLOSED = strawberry.enum_value("CLOSED", description="It is done, or will not be done.")
    UNKNOWN = UNKNOWN


@strawberry.enum(description="Why an issue stands where it stands.")
class GitHubIssueStateReason(Enum):
    COMPLETED = strawberry.enum_value("COMPLETED", description="It is done.")
    NOT_PLANNED = strawberry.enum_value("NOT_PLANNED", description="It will not be done.")
    DUPLICATE = strawberry.enum_value("DUPLICATE", description="Another issue says the same.")
    REOPENED = strawberry.enum_value("REOPENED", description="It was closed before.")
    UNKNOWN = UNKNOWN


@strawberry.enum(description="Why an issue is closed.")
class GitHubIssueClosedStateReason(Enum):
    COMPLETED = strawberry.enum_value("COMPLETED", description="It is done.")
    NOT_PLANNED = strawberry.enum_value("NOT_PLANNED", description="It will not be done.")
    DUPLICATE = strawberry.enum_value("DUPLICATE", description="Another issue says the same.")


@strawberry.enum(description="Where a pull request stands.")
class GitHubPullRequestState(Enum):
    OPEN = strawberry.enum_value("OPEN", description="It is still to be decided.")
    CLOSED = strawberry.enum_value("CLOSED", description="It was closed without being merged.")
    MERGED = strawberry.enum_value("MERGED", description="Its changes were taken.")
    UNKNOWN = UNKNOWN


@strawberry.enum(description="Who can see a repository.")
class GitHubRepositoryVisibility(Enum):
    PUBLIC = strawberry.enum_value("PUBLIC", description="Everyone.")
    PRIVATE = strawberry.enum_value("PRIVATE", description="Those who were given access.")
    INTERNAL = strawberry.enum_value("INTERNAL", description="The members of the owner's enterprise.")
    UNKNOWN = UNKNOWN


@strawberry.enum(description="Which way a list is sorted.")
class GitHubOrderDirection(Enum):
    ASC = strawberry.enum_value("ASC", description="Smallest, or oldest, first.")
    DESC = strawberry.enum_value("DESC", description="Largest, or newest, first.")


@strawberry.enum(description="What issues and pull requests are sorted by.")
class GitHubIssueOrderField(Enum):
    CREATED_AT = strawberry.enum_value("CREATED_AT", description="When they were opened.")
    UPDATED_AT = strawberry.enum_value("UPDATED_AT", description="When they last changed.")
    COMMENTS = strawberry.enum_value("COMMENTS", description="How many comments they have.")


@strawberry.enum(description="What repositories are sorted by.")
class GitHubRepositoryOrderField(Enum):
    CREATED_AT = strawberry.enum_value("CREATED_AT", description="When they were made.")
    UPDATED_AT = strawberry.enum_value("UPDATED_AT", description="When they last changed.")
    PUSHED_AT = strawberry.enum_value("PUSHED_AT", description="When code was last pushed.")
    NAME = strawberry.enum_value("NAME", description="Their names.")
    STARGAZERS = strawberry.enum_value("STARGAZERS", description="How many stars they have.")


@strawberry.input(description="How to sort issues and pull requests.")
class GitHubIssueOrder:
    field: GitHubIssueOrderField = strawberry.field(description="What to sort by.")
    direction: GitHubOrderDirection = strawberry.field(description="Which way.")


@strawberry.input(description="How to sort repositories.")
class GitHubRepositoryOrder:
    field: GitHubRepositoryOrderField = strawberry.field(description="What to sort by.")
    direction: GitHubOrderDirection = strawberry.field(description="Which way.")


@strawberry.type(description="GitHub: code, issues and those who write them.")
class GitHubQuery:
    pass


@strawberry.interface(description="Whoever does something on GitHub, or owns something.")
class GitHubActor:
    login: str = strawberry.field(description="The name in GitHub's addresses, unique among all actors.")
    url: str = strawberry.field(description="The page on GitHub.")
    avatar_url: str = strawberry.field(description="The picture.")


@strawberry.type(description="What has lists that come with it, or are read on their own.")
class _Source:
    source: strawberry.Private[Mapping[str, Any]] = field(default_factory=dict)


@strawberry.type(description="A person's account.")
class GitHubUser(GitHubActor, Node, _Source):
    name: str | None = strawberry.field(description="The name they give on their profile.")
    email: str = strawberry.field(description="The public address; empty if there is none.")
    bio: str | None = strawberry.field(description="What they say about themselves.")
    company: str | None = strawberry.field(description="Where they say they work.")
    location: str | None = strawberry.field(description="Where they say they are.")
    website_url: str | None = strawberry.field(description="Their own page.")
    created_at: datetime = strawberry.field(description="When they joined.")
    updated_at: datetime = strawberry.field(description="When the account last changed.")


@strawberry.type(description="An account that belongs to a group.")
class GitHubOrganization(GitHubActor, Node, _Source):
    name: str | None = strawberry.field(description="The name it gives on its profile.")
    description: str | None = strawberry.field(description="What it says about itself.")
    location: str | None = strawberry.field(description="Where it says it is.")
    website_url: str | None = strawberry.field(description="Its own page.")
    is_verified: bool = strawberry.field(description="Whether it proved that its page and address are its own.")
    created_at: datetime = strawberry.field(description="When it was made.")


@strawberry.type(description="An account that a program acts by.")
class GitHubBot(GitHubActor, Node):
    created_at: datetime = strawberry.field(description="When it was made.")


@strawberry.type(description="A stand-in for the author of something that was imported from elsewhere.")
class GitHubMannequin(GitHubActor, Node):
    created_at: datetime = strawberry.field(description="When it was made.")


@strawberry.type(description="An account that exists within one enterprise only.")
class GitHubEnterpriseUserAccount(GitHubActor, Node):
    name: str | None = strawberry.field(description="The person's name.")
    created_at: datetime = strawberry.field(description="When it was made.")


@strawberry.type(description="A programming language.")
class GitHubLanguage:
    name: str = strawberry.field(description="Its name, such as `Python`.")
    color: str | None = strawberry.field(description="The CSS colour that GitHub shows it in, such as `#3572A5`.")


@strawberry.type(description="A label of one repository.")
class GitHubLabel(Node):
    name: str = strawberry.field(description="What it says.")
    color: str = strawberry.field(description="Six hexadecimal digits, without `#`.")
    description: str | None = strawberry.field(description="What it is for.")
    url: str = strawberry.field(description="The page with all that have it.")


@strawberry.type(description="A named place in a repository's history: a branch or a tag.")
class GitHubRef:
    name: str = strawberry.field(description="Its name, such as `main`.")
    prefix: str = strawberry.field(description="Its kind, such as `refs/heads/`.")


@strawberry.type(description="A repository.")
class GitHubRepository(Node, _Source):
    name: str = strawberry.field(description="The name, unique for its owner.")
    name_with_owner: str = strawberry.field(description="The owner's login and the name, with `/` between them.")
    description: str | None = strawberry.field(description="What it is about.")
    url: str = strawberry.field(description="The page on GitHub.")
    homepage_url: str | None = strawberry.field(description="Its own page elsewhere.")
    visibility: GitHubRepositoryVisibility = strawberry.field(description="Who can see it.")
    is_private: bool = strawberry.field(description="Whether it is not public.")
    is_fork: bool = strawberry.field(description="Whether it began as a copy of another repository.")
    is_archived: bool = strawberry.field(description="Whether it can only be read.")
    stargazer_count: int = strawberry.field(description="How many users gave it a star.")
    fork_count: int = strawberry.field(description="How many copies there are.")
    disk_usage: int | None = strawberry.field(description="Its size in kilobytes.")
    primary_language: GitHubLanguage | None = strawberry.field(description="The language most of it is written in.")
    default_branch_ref: GitHubRef | None = strawberry.field(description="The branch that is shown first.")
    owner: GitHubActor = strawberry.field(description="The user or organization it belongs to.")
    created_at: datetime = strawberry.field(description="When it was made.")
    pushed_at: datetime | None = strawberry.field(description="When code was last pushed; null before the first time.")
    updated_at: datetime = strawberry.field(description="When it last changed.")


@strawberry.type(description="An issue: something to be dealt with.")
class GitHubIssue(Node, _Source):
    number: int = strawberry.field(description="Counts the issues and pull requests of one repository.")
    title: str = strawberry.field(description="The title.")
    body: str = strawberry.field(description="The text, in Markdown.")
    state: GitHubIssueState = strawberry.field(description="Where it stands.")
    state_reason: GitHubIssueStateReason | None = strawberry.field(description="Why it stands there, where known.")
    url: str = strawberry.field(description="The page on GitHub.")
    author: GitHubActor | None = strawberry.field(description="Who opened it; null if the account is gone.")
    repository: GitHubRepository = strawberry.field(description="The repository it belongs to.")
    created_at: datetime = strawberry.field(description="When it was opened.")
    updated_at: datetime = strawberry.field(description="When it last changed.")
    closed_at: datetime | None = strawberry.field(description="When it was closed.")


@strawberry.type(description="A pull request: changes that wait to be taken.")
class GitHubPullRequest(Node, _Source):
    number: int = strawberry.field(description="Counts the issues and pull requests of one repository.")
    title: str = strawberry.field(description="The title.")
    body: str = strawberry.field(description="The text, in Markdown.")
    state: GitHubPullRequestState = strawberry.field(description="Where it stands.")
    url: str = strawberry.field(description="The page on GitHub.")
    is_draft: bool = strawberry.field(description="Whether it is not ready to be looked at.")
    merged: bool = strawberry.field(description="Whether its changes were taken.")
    additions: int = strawberry.field(description="How many lines it adds.")
    deletions: int = strawberry.field(description="How many lines it removes.")
    changed_files: int = strawberry.field(description="How many files it touches.")
    base_ref_name: str = strawberry.field(description="The branch that would take the changes.")
    head_ref_name: str = strawberry.field(description="The branch that has the changes.")
    author: GitHubActor | None = strawberry.field(description="Who opened it; null if the account is gone.")
    repository: GitHubRepository = strawberry.field(description="The repository it belongs to.")
    created_at: datetime = strawberry.field(description="When it was opened.")
    updated_at: datetime = strawberry.field(description="When it last changed.")
    closed_at: datetime | None = strawberry.field(description="When it was closed or merged.")
    merged_at: datetime | None = strawberry.field(description="When it was merged.")


@strawberry.type(description="A comment on an issue or a pull request.")
class GitHubIssueComment(Node):
    body: str = strawberry.field(description="The text, in Markdown.")
    url: str = strawberry.field(description="The place on GitHub.")
    author: GitHubActor | None = strawberry.field(description="Who wrote it; null if the account is gone.")
    created_at: datetime = strawberry.field(description="When it was written.")
    updated_at: datetime = strawberry.field(description="When it last changed.")


WISH = "A name for this one wish, which GitHub gives back. GitHub does not recognise a repetition by it."


@strawberry.input(description="An issue to open.")
class GitHubCreateIssueInput:
    repository_id: strawberry.ID = strawberry.field(description="GitHub's or the global id of the repository.")
    title: str = strawberry.field(description="The title.")
    body: str | None = strawberry.field(default=None, description="The text, in Markdown.")
    label_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="GitHub's or the global ids of labels of the repository."
    )
    assignee_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="GitHub's or the global ids of the users who are to deal with it."
    )
    client_mutation_id: str | None = strawberry.field(default=None, description=WISH)


@strawberry.input(description="What to change of an issue; what is left out stays as it is.")
class GitHubUpdateIssueInput:
    title: str | None = strawberry.field(default=None, description="The title.")
    body: str | None = strawberry.field(default=None, description="The text, in Markdown.")
    state: GitHubIssueState | None = strawberry.field(default=None, description="Where it stands.")
    label_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="All labels that it is to have; none for an empty list."
    )
    assignee_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="All users who are to deal with it; none for an empty list."
    )
    client_mutation_id: str | None = strawberry.field(default=None, description=WISH)


@strawberry.type(description="The issue was opened or changed.")
class GitHubIssueSaved:
    issue: GitHubIssue = strawberry.field(description="The issue as it is now.")
    client_mutation_id: str | None = strawberry.field(description="What was given as such.")


@strawberry.type(description="The issue or the pull request was changed.")
class GitHubThreadSaved:
    issue: GitHubIssue | None = strawberry.field(description="The issue as it is now, if it is one.")
    pull_request: GitHubPullRequest | None = strawberry.field(
        description="The pull request as it is now, if it is one."
    )
    client_mutation_id: str | None = strawberry.field(description="What was given as such.")


@strawberry.type(description="The comment was added or changed.")
class GitHubCommentSaved:
    comment: GitHubIssueComment = strawberry.field(description="The comment as it is now.")
    client_mutation_id: str | None = strawberry.field(description="What was given as such.")


@strawberry.type(description="The comment is gone.")
class GitHubCommentDeleted:
    upstream_id: strawberry.ID = strawberry.field(description="GitHub's id of it.")
    client_mutation_id: str | None = strawberry.field(description="What was given as such.")


@strawberry.type(
    description="Nothing was done: one of the ids is nobody's, or of something that our token may not see."
)
class GitHubObjectNotFound:
    upstream_id: strawberry.ID = strawberry.field(
        description="The id of what was to be changed. It may be there, and a label or a user that was named is not."
    )


@strawberry.type(description="Nothing was done: our token may see this, and may not change it.")
class GitHubForbidden:
    reason: str = strawberry.field(description="GitHub's code: `FORBIDDEN`, `INSUFFICIENT_SCOPES`.")


@strawberry.type(description="Nothing was done: what was given makes no sense to GitHub.")
class GitHubUnprocessable:
    message: str | None = strawberry.field(description="GitHub's explanation, for developers.")


GitHubIssueResult = Annotated[
    GitHubIssueSaved | GitHubObjectNotFound | GitHubForbidden | GitHubUnprocessable,
    strawberry.union("GitHubIssueResult", description="What came of opening or changing an issue."),
]
GitHubThreadResult = Annotated[
    GitHubThreadSaved | GitHubObjectNotFound | GitHubForbidden | GitHubUnprocessable,
    strawberry.union("GitHubThreadResult", description="What came of changing an issue or a pull request."),
]
GitHubCommentResult = Annotated[
    GitHubCommentSaved | GitHubObjectNotFound | GitHubForbidden | GitHubUnprocessable,
    strawberry.union("GitHubCommentResult", description="What came of adding or changing a comment."),
]
GitHubDeleteCommentResult = Annotated[
    GitHubCommentDeleted | GitHubObjectNotFound | GitHubForbidden | GitHubUnprocessable,
    strawberry.union("GitHubDeleteCommentResult", description="What came of deleting a comment."),
]

__all__ = [name for name in dict(globals()) if name.startswith("GitHub")]
