"""GitHub: from its payloads to our types, and how each field gets its value."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Annotated, Any

import strawberry

from connectors.protocols.graphql.ask import Ask
from connectors.providers.github.client import MAX_NODES, GitHubClient
from connectors.providers.github.payloads import (
    ActorPayload,
    IssueCommentPayload,
    IssuePayload,
    LabelPayload,
    LanguagePayload,
    OrganizationPayload,
    PullRequestPayload,
    RefPayload,
    RepositoryPayload,
    UserPayload,
)
from resolvers.batching import Loaded
from resolvers.context import Info
from resolvers.mapping import Reader, mapping
from resolvers.projection import Projection, made
from resolvers.reading import flag, identity, integer, iso_time, one_of, text
from schema.fields import Fields
from schema.providers.github import (
    GitHubActor,
    GitHubBot,
    GitHubEnterpriseUserAccount,
    GitHubIssue,
    GitHubIssueComment,
    GitHubIssueOrder,
    GitHubIssueState,
    GitHubIssueStateReason,
    GitHubLabel,
    GitHubLanguage,
    GitHubMannequin,
    GitHubOrganization,
    GitHubPullRequest,
    GitHubPullRequestState,
    GitHubQuery,
    GitHubRef,
    GitHubRepository,
    GitHubRepositoryOrder,
    GitHubRepositoryVisibility,
    GitHubUser,
)

Select = tuple[Ask, ...]

github = Projection(GitHubClient, prefix="GitHub", per_point=100)

fields = Fields("github")
fields.group("github", GitHubQuery)


@mapping("github", "user")
def to_user(read: Reader[UserPayload]) -> GitHubUser:
    return GitHubUser(
        source=read.payload,
        upstream_id=read("id", identity),
        login=read("login", text),
        name=read.maybe("name", text),
        email=read("email", text),
        bio=read.maybe("bio", text),
        company=read.maybe("company", text),
        location=read.maybe("location", text),
        url=read("url", text),
        avatar_url=read("avatarUrl", text),
        website_url=read.maybe("websiteUrl", text),
        created_at=read("createdAt", iso_time),
        updated_at=read("updatedAt", iso_time),
    )


@mapping("github", "organization")
def to_organization(read: Reader[OrganizationPayload]) -> GitHubOrganization:
    return GitHubOrganization(
        source=read.payload,
        upstream_id=read("id", identity),
        login=read("login", text),
        name=read.maybe("name", text),
        description=read.maybe("description", text),
        location=read.maybe("location", text),
        url=read("url", text),
        avatar_url=read("avatarUrl", text),
        website_url=read.maybe("websiteUrl", text),
        is_verified=read("isVerified", flag),
        created_at=read("createdAt", iso_time),
    )


def account(read: Reader[ActorPayload]) -> dict[str, Any]:
    """What all accounts have that are neither a user nor an organization."""
    return {
        "upstream_id": read("id", identity),
        "login": read("login", text),
        "url": read("url", text),
        "avatar_url": read("avatarUrl", text),
        "created_at": read("createdAt", iso_time),
    }


@mapping("github", "bot")
def to_bot(read: Reader[ActorPayload]) -> GitHubBot:
    return GitHubBot(**account(read))


@mapping("github", "mannequin")
def to_mannequin(read: Reader[ActorPayload]) -> GitHubMannequin:
    return GitHubMannequin(**account(read))


@mapping("github", "enterprise user account")
def to_enterprise_user_account(read: Reader[ActorPayload]) -> GitHubEnterpriseUserAccount:
    return GitHubEnterpriseUserAccount(**account(read), name=read.maybe("name", text))


ACTORS: Mapping[str, Callable[[Any], GitHubActor]] = {
    "User": to_user,
    "Organization": to_organization,
    "Bot": to_bot,
    "Mannequin": to_mannequin,
    "EnterpriseUserAccount": to_enterprise_user_account,
}


def to_actor(payload: ActorPayload) -> GitHubActor:
    """By `__typename`, which is always asked for. Raises `ValueError` for a kind of actor that we do not know."""
    make = ACTORS.get(payload["__typename"])
    if make is None:
        raise ValueError
    return make(payload)


@mapping("github", "language")
def to_language(read: Reader[LanguagePayload]) -> GitHubLanguage:
    return GitHubLanguage(name=read("name", text), color=read.maybe("color", text))


@mapping("github", "label")
def to_label(read: Reader[LabelPayload]) -> GitHubLabel:
    return GitHubLabel(
        upstream_id=read("id", identity),
        name=read("name", text),
        color=read("color", text),
        description=read.maybe("description", text),
        url=read("url", text),
    )


@mapping("github", "ref")
def to_ref(read: Reader[RefPayload]) -> GitHubRef:
    return GitHubRef(name=read("name", text), prefix=read("prefix", text))


@mapping("github", "repository")
def to_repository(read: Reader[RepositoryPayload]) -> GitHubRepository:
    return GitHubRepository(
        source=read.payload,
        upstream_id=read("id", identity),
        name=read("name", text),
        name_with_owner=read("nameWithOwner", text),
        description=read.maybe("description", text),
        url=read("url", text),
        homepage_url=read.maybe("homepageUrl", text),
        visibility=read("visibility", one_of(GitHubRepositoryVisibility)),
        is_private=read("isPrivate", flag),
        is_fork=read("isFork", flag),
        is_archived=read("isArchived", flag),
        stargazer_count=read("stargazerCount", integer),
        fork_count=read("forkCount", integer),
        disk_usage=read.maybe("diskUsage", integer),
        primary_language=read.maybe("primaryLanguage", to_language),
        default_branch_ref=read.maybe("defaultBranchRef", to_ref),
        owner=read("owner", to_actor),
        created_at=read("createdAt", iso_time),
        pushed_at=read.maybe("pushedAt", iso_time),
        updated_at=read("updatedAt", iso_time),
    )


@mapping("github", "issue")
def to_issue(read: Reader[IssuePayload]) -> GitHubIssue:
    return GitHubIssue(
        source=read.payload,
        upstream_id=read("id", identity),
        number=read("number", integer),
        title=read("title", text),
        body=read("body", text),
        state=read("state", one_of(GitHubIssueState)),
        state_reason=read.maybe("stateReason", one_of(GitHubIssueStateReason)),
        url=read("url", text),
        author=read.maybe("author", to_actor),
        repository=read("repository", to_repository),
        created_at=read("createdAt", iso_time),
        updated_at=read("updatedAt", iso_time),
        closed_at=read.maybe("closedAt", iso_time),
    )


@mapping("github", "pull request")
def to_pull_request(read: Reader[PullRequestPayload]) -> GitHubPullRequest:
    return GitHubPullRequest(
        source=read.payload,
        upstream_id=read("id", identity),
        number=read("number", integer),
        title=read("title", text),
        body=read("body", text),
        state=read("state", one_of(GitHubPullRequestState)),
        url=read("url", text),
        is_draft=read("isDraft", flag),
        merged=read("merged", flag),
        additions=read("additions", integer),
        deletions=read("deletions", integer),
        changed_files=read("changedFiles", integer),
        base_ref_name=read("baseRefName", text),
        head_ref_name=read("headRefName", text),
        author=read.maybe("author", to_actor),
        repository=read("repository", to_repository),
        created_at=read("createdAt", iso_time),
        updated_at=read("updatedAt", iso_time),
        closed_at=read.maybe("closedAt", iso_time),
        merged_at=read.maybe("mergedAt", iso_time),
    )


@mapping("github", "comment")
def to_issue_comment(read: Reader[IssueCommentPayload]) -> GitHubIssueComment:
    return GitHubIssueComment(
        upstream_id=read("id", identity),
        body=read("body", text),
        url=read("url", text),
        author=read.maybe("author", to_actor),
        created_at=read("createdAt", iso_time),
        updated_at=read("updatedAt", iso_time),
    )


@github.batch(GitHubUser, "user", max_keys=MAX_NODES, per_call=1)
async def users_by_login(client: GitHubClient, logins: Sequence[str], select: Select) -> Loaded[GitHubUser]:
    return [made(found, to_user) for found in await client.users(logins, select)]


fields.node(GitHubUser, via=github.nodes(to_user))
fields.node(GitHubOrganization, via=github.nodes(to_organization))
fields.node(GitHubBot, via=github.nodes(to_bot))
fields.node(GitHubMannequin, via=github.nodes(to_mannequin))
fields.node(GitHubEnterpriseUserAccount, via=github.nodes(to_enterprise_user_account))
fields.node(GitHubRepository, via=github.nodes(to_repository))
fields.node(GitHubLabel, via=github.nodes(to_label))
fields.node(GitHubIssue, via=github.nodes(to_issue))
fields.node(GitHubPullRequest, via=github.nodes(to_pull_request))
fields.node(GitHubIssueComment, via=github.nodes(to_issue_comment))


LOGIN = Annotated[str, strawberry.argument(description="The name in GitHub's addresses.")]


@fields.on(GitHubQuery, calls=github.calls("viewer"))
async def viewer(root: strawberry.Parent[GitHubQuery], info: Info) -> GitHubUser | None:
    """The user that our token belongs to."""
    return to_user(await info.context.client(GitHubClient).viewer(github.here(info)))


@fields.on(GitHubQuery, calls=github.calls("user"))
async def user(root: strawberry.Parent[GitHubQuery], info: Info, login: LOGIN) -> GitHubUser | None:
    """A user by login; null if there is none."""
    found = await info.context.client(GitHubClient).user(login, github.here(info))
    return to_user(found) if found else None


@fields.on(GitHubQuery, calls=github.calls("organization"))
async def organization(root: strawberry.Parent[GitHubQuery], info: Info, login: LOGIN) -> GitHubOrganization | None:
    """An organization by login; null if there is none."""
    found = await info.context.client(GitHubClient).organization(login, github.here(info))
    return to_organization(found) if found else None


@fields.on(GitHubQuery, calls=github.calls("repository"))
async def repository(
    root: strawberry.Parent[GitHubQuery],
    info: Info,
    owner: Annotated[str, strawberry.argument(description="The login of the user or organization it belongs to.")],
    name: Annotated[str, strawberry.argument(description="Its name, without the owner.")],
) -> GitHubRepository | None:
    """A repository; null if there is none, or none that our token may see."""
    found = await info.context.client(GitHubClient).repository(owner, name, github.here(info))
    return to_repository(found) if found else None


IssueStates = Annotated[list[GitHubIssueState] | None, strawberry.argument(description="Only those in these states.")]
PullRequestStates = Annotated[
    list[GitHubPullRequestState] | None, strawberry.argument(description="Only those in these states.")
]
Labels = Annotated[list[str] | None, strawberry.argument(description="Only those that have one of these labels.")]
IssueOrder = Annotated[GitHubIssueOrder | None, strawberry.argument(description="Default: oldest first.")]
BaseBranch = Annotated[
    str | None, strawberry.argument(description="Only those that would be merged into the branch of this name.")
]
HeadBranch = Annotated[
    str | None, strawberry.argument(description="Only those whose changes are on the branch of this name.")
]
NamePart = Annotated[str | None, strawberry.argument(description="Only those with this in their name or description.")]
REPOSITORY_ARGUMENTS = {
    "order_by": Annotated[
        GitHubRepositoryOrder | None, strawberry.argument(description="Default: as GitHub has them.")
    ],
    "is_fork": Annotated[bool | None, strawberry.argument(description="Only copies, or only those that are none.")],
    "is_archived": Annotated[bool | None, strawberry.argument(description="Only archived ones, or only the others.")],
    "visibility": Annotated[
        GitHubRepositoryVisibility | None, strawberry.argument(description="Only those that can be seen by these.")
    ],
}

ISSUE = github.lookup(GitHubRepository, "issue")
PULL_REQUEST = github.lookup(GitHubRepository, "pullRequest")
Number = Annotated[
    int, strawberry.argument(description="As in its address: issues and pull requests are counted together.")
]


@fields.on(GitHubRepository, needs=("upstream_id",), calls=github.calls("node"))
async def issue(root: strawberry.Parent[GitHubRepository], info: Info, number: Number) -> GitHubIssue | None:
    """An issue by its number; null if there is none (a pull request is none)."""
    found = await ISSUE.payload(root, info)
    return None if found is None else to_issue(found)


@fields.on(GitHubRepository, needs=("upstream_id",), calls=github.calls("node"))
async def pull_request(
    root: strawberry.Parent[GitHubRepository], info: Info, number: Number
) -> GitHubPullRequest | None:
    """A pull request by its number; null if there is none (an issue is none)."""
    found = await PULL_REQUEST.payload(root, info)
    return None if found is None else to_pull_request(found)


connection = partial(github.connection, fields)

connection(
    GitHubUser,
    "repositories",
    to_repository,
    "Repositories that the user owns or works on.",
    **REPOSITORY_ARGUMENTS,
)
connection(GitHubUser, "followers", to_user, "Users who follow this one.")
connection(GitHubUser, "following", to_user, "Users whom this one follows.")
connection(GitHubUser, "organizations", to_organization, "Organizations that the user belongs to.")
connection(
    GitHubOrganization, "repositories", to_repository, "Repositories of the organization.", **REPOSITORY_ARGUMENTS
)
connection(GitHubOrganization, "members_with_role", to_user, "Users who belong to the organization.")
connection(
    GitHubRepository,
    "issues",
    to_issue,
    "Issues of the repository, without its pull requests.",
    states=IssueStates,
    labels=Labels,
    order_by=IssueOrder,
)
connection(
    GitHubRepository,
    "pull_requests",
    to_pull_request,
    "Pull requests to the repository.",
    states=PullRequestStates,
    labels=Labels,
    base_ref_name=BaseBranch,
    head_ref_name=HeadBranch,
    order_by=IssueOrder,
)
connection(GitHubRepository, "labels", to_label, "Labels that the repository has for its issues.", query=NamePart)
connection(GitHubRepository, "languages", to_language, "Languages that the repository is written in.")
connection(GitHubIssue, "comments", to_issue_comment, "What was said about the issue, oldest first.")
connection(GitHubIssue, "labels", to_label, "Labels of the issue.")
connection(GitHubIssue, "assignees", to_user, "Users who are to deal with the issue.")
connection(GitHubPullRequest, "comments", to_issue_comment, "What was said about the pull request, oldest first.")
connection(GitHubPullRequest, "labels", to_label, "Labels of the pull request.")
connection(GitHubPullRequest, "assignees", to_user, "Users who are to deal with the pull request.")
