"""What GitHub answers, in its own names. A payload holds what was asked for and nothing else.

Source: https://docs.github.com/en/graphql/reference/objects
"""

from typing import TypedDict


class ActorPayload(TypedDict, total=False):
    """Whoever does something: a user, an organization, a bot ... `__typename` says which."""

    __typename: str
    id: str
    login: str
    name: str | None
    url: str
    avatarUrl: str
    createdAt: str


class UserPayload(ActorPayload, total=False):
    """`email` is empty where it is not public. Dates are ISO 8601 in UTC, here and everywhere."""

    bio: str | None
    company: str | None
    email: str
    location: str | None
    websiteUrl: str | None
    updatedAt: str


class OrganizationPayload(ActorPayload, total=False):
    description: str | None
    isVerified: bool
    location: str | None
    websiteUrl: str | None


class LanguagePayload(TypedDict, total=False):
    """`color` is a CSS colour such as `#3572A5`."""

    id: str
    name: str
    color: str | None


class LabelPayload(TypedDict, total=False):
    """`color` is six hexadecimal digits without `#`."""

    id: str
    name: str
    color: str
    description: str | None
    url: str


class RefPayload(TypedDict, total=False):
    """`prefix` is such as `refs/heads/`."""

    id: str
    name: str
    prefix: str


class RepositoryPayload(TypedDict, total=False):
    """`diskUsage` is in kilobytes. `pushedAt` is null before the first push."""

    id: str
    name: str
    nameWithOwner: str
    description: str | None
    url: str
    homepageUrl: str | None
    isPrivate: bool
    isFork: bool
    isArchived: bool
    visibility: str
    stargazerCount: int
    forkCount: int
    diskUsage: int | None
    primaryLanguage: LanguagePayload | None
    defaultBranchRef: RefPayload | None
    owner: ActorPayload
    createdAt: str
    pushedAt: str | None
    updatedAt: str


class _ThreadPayload(TypedDict, total=False):
    id: str
    number: int
    title: str
    body: str
    state: str
    url: str
    createdAt: str
    updatedAt: str
    closedAt: str | None
    author: ActorPayload | None
    repository: RepositoryPayload


class IssuePayload(_ThreadPayload, total=False):
    """`number` counts issues and pull requests of one repository together."""

    stateReason: str | None


class PullRequestPayload(_ThreadPayload, total=False):
    isDraft: bool
    merged: bool
    mergedAt: str | None
    additions: int
    deletions: int
    changedFiles: int
    baseRefName: str
    headRefName: str


class IssueCommentPayload(TypedDict, total=False):
    id: str
    body: str
    url: str
    author: ActorPayload | None
    createdAt: str
    updatedAt: str
