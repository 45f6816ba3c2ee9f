"""The GitHub that the sandbox shows: users, organizations, repositories and what was written there, all invented.

Every person is a user under `person.login`, every company an organization (`quartz-analytics`). Users own up to four
repositories, organizations `handbook` and `ledger`. `quartz-analytics/ledger` is the large one: 260 issues, 40 pull
requests. The token belongs to the first person.
"""

import random
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.providers.github.listing import Node, Refused, connection, ordered
from connectors.sandbox.people import EPOCH, Company, Person

LAST_COMMENT = 3_000_000_000
"""The numbers of the comments that are added later begin behind this one."""

LARGE = "quartz-analytics/ledger"

WORDS = "amber basil cedar delta ember fable grove hazel iris juniper kelp linden maple nettle olive poppy".split()
KINDS = "api app bot cli docs engine forms kit lab notes sdk site tools".split()
LANGUAGES = (("Python", "#3572A5", 140), ("TypeScript", "#3178c6", 239), ("Go", "#00ADD8", 97))
LABELS = (("bug", "d73a4a"), ("documentation", "0075ca"), ("enhancement", "a2eeef"), ("question", "d876e3"))
VERBS = ("Crash with", "Support for", "Document", "Speed up", "Wrong total in", "Rename", "Flaky test of")
THINGS = ("imports", "exports", "the login page", "rounding", "large files", "time zones", "the nightly job")


class Hub:
    """Everything there is.

    Labels, issues, pull requests and comments of a repository come into being when first looked at.
    """

    def __init__(self, people: tuple[Person, ...]) -> None:
        self._nodes: dict[str, Node] = {}
        self._threads: dict[str, list[Node]] = {}
        self._labels: dict[str, list[Node]] = {}
        self.accounts: dict[str, Node] = {}
        self.repositories: dict[str, Node] = {}
        self._places: dict[int, str] = {}
        self._comments = LAST_COMMENT
        for person in people:
            self._add_user(person)
        for company in {person.company.index: person.company for person in people}.values():
            self._add_organization(company)
        self._follow([self.accounts[person.login] for person in people])
        self.viewer = self.accounts[people[0].login]
        self.bot = self._add("BOT", "Bot", 49_699_333, **actor("dependabot", 49_699_333), createdAt=ago(days=900))

    def account(self, kind: str, login: str) -> Node:
        """A `User` or an `Organization` by login, in any case of letters."""
        found = self.accounts.get(login.lower())
        if found is None or found["__typename"] != kind:
            article = "an" if kind == "Organization" else "a"
            raise Refused("NOT_FOUND", f"Could not resolve to {article} {kind} with the login of '{login}'.")
        return found

    def repository(self, owner: str, name: str) -> Node:
        """A repository in any case of letters."""
        found = self.repositories.get(f"{owner}/{name}".lower())
        if found is None:
            raise Refused("NOT_FOUND", f"Could not resolve to a Repository with the name '{owner}/{name}'.")
        return found

    def node(self, id: str) -> Node:
        """Anything by its node id."""
        place = self._places.get(enclosing(id))
        if place is not None:
            self.labels(self.repositories[place])
            self._threads_in(place)
        if id not in self._nodes:
            raise Refused("NOT_FOUND", f"Could not resolve to a node with the global id of '{id}'")
        return self._nodes[id]

    def labels(self, repository: Node) -> list[Node]:
        """The labels of one repository."""
        place, number = repository["nameWithOwner"], repository["databaseId"]
        if place not in self._labels:
            self._labels[place] = [
                self._add("LA", "Label", number, 5_000_000 + 8 * (number - 500_000_000) + step, **label(place, *facts))
                for step, facts in enumerate(LABELS)
            ]
        return self._labels[place]

    def open_issue(self, owner: str, name: str, title: str, created_at: str | None = None) -> Node:
        """A new issue by the viewer, the newest of its repository."""
        repository = self.repository(owner, name)
        threads = self._threads_in(f"{owner}/{name}")
        moment = created_at or ago(hours=0)
        issue = self._thread("Issue", repository, len(threads) + 1, title, self.viewer, moment, seeded(0))
        threads.append(issue)
        return issue

    def comment(self, thread: Node, body: str, created_at: str) -> Node:
        """A new comment by the viewer, the last of its issue or pull request."""
        self._comments += 1
        comment = self._comment(thread["repository"], thread["url"], self._comments, body, self.viewer, created_at)
        thread["commentNodes"].append(comment)
        return comment

    def remove_comment(self, comment: Node) -> None:
        """Take a comment away."""
        del self._nodes[comment["id"]]
        for thread in self._threads_in(comment["repository"]["nameWithOwner"]):
            thread["commentNodes"][:] = [one for one in thread["commentNodes"] if one is not comment]

    def owners(self, repository: Node) -> list[Node]:
        """Who may change what others wrote in a repository."""
        owner = repository["owner"]
        if owner["__typename"] == "User":
            return [owner]
        return [user for user in self._users() if user["company"] == owner["name"]][:1]

    def _add(self, prefix: str, typename: str, *numbers: int, **fields: Any) -> Node:
        id = node_id(prefix, *numbers)
        self._nodes[id] = {"__typename": typename, "id": id, "databaseId": numbers[-1], **fields}
        return self._nodes[id]

    def _add_user(self, person: Person) -> None:
        number, login = 1_000_000 + 37 * person.index, person.login
        chance = seeded(number)
        self.accounts[login] = self._add(
            "U",
            "User",
            number,
            **actor(login, number),
            name=person.name,
            email=person.email,
            bio=chance.choice((None, f"{person.title} at {person.company.name}")),
            company=person.company.name,
            location=f"{person.city}, {person.country}",
            websiteUrl=None,
            createdAt=stamp(person.joined_at),
            updatedAt=stamp(person.joined_at + timedelta(hours=1)),
            repositories=self._repositories_of(login),
            organizations=connection(lambda _: [self.accounts[slug(person.company.name)]]),
        )
        names = {f"{chance.choice(WORDS)}-{chance.choice(KINDS)}" for _ in range(chance.randrange(5))}
        for name in sorted(names):
            self._add_repository(self.accounts[login], name, chance)

    def _add_organization(self, company: Company) -> None:
        number, login = 9_000_000 + company.index, slug(company.name)
        self.accounts[login] = self._add(
            "O",
            "Organization",
            number,
            **actor(login, number),
            name=company.name,
            description=f"Open source at {company.name}",
            location=None,
            websiteUrl=f"https://{company.domain}",
            isVerified=True,
            createdAt=ago(days=3000),
            repositories=self._repositories_of(login),
            membersWithRole=connection(lambda _: (u for u in self._users() if u["company"] == company.name)),
        )
        for name in ("handbook", "ledger"):
            self._add_repository(self.accounts[login], name, seeded(number))

    def _users(self) -> Iterable[Node]:
        return (account for account in self.accounts.values() if account["__typename"] == "User")

    def _follow(self, users: list[Node]) -> None:
        """Each follows the next one to four."""
        followed = [[users[(n + step) % len(users)] for step in range(1, 2 + n % 4)] for n in range(len(users))]
        for user, others in zip(users, followed, strict=True):
            user["following"] = connection(lambda _, others=others: others)  # type: ignore[misc]
            user["followers"] = connection(
                lambda _, user=user: (fan for fan, others in zip(users, followed, strict=True) if user in others)  # type: ignore[misc]
            )

    def _repositories_of(self, login: str) -> Callable[..., Node]:
        def owned(arguments: Mapping[str, Any]) -> list[Node]:
            mine = [found for place, found in self.repositories.items() if place.startswith(f"{login}/")]
            wanted = {name: arguments[name] for name in ("isFork", "isArchived", "visibility") if name in arguments}
            kept = [found for found in mine if all(found[name] == value for name, value in wanted.items())]
            return ordered(kept, arguments.get("orderBy"))

        return connection(owned)

    def _add_repository(self, owner: Node, name: str, chance: random.Random) -> None:
        place = f"{owner['login']}/{name}"
        number = 500_000_000 + len(self.repositories)
        self._places[number] = place
        language, color, language_number = chance.choice(LANGUAGES)
        primary = {"databaseId": language_number, "name": language, "color": color}
        made, private = chance.randrange(300, 3000), chance.random() < 0.2
        self.repositories[place] = self._add(
            "R",
            "Repository",
            number,
            name=name,
            nameWithOwner=place,
            owner=owner,
            description=chance.choice((None, f"{name.replace('-', ' ').capitalize()} for everyone")),
            url=f"https://github.com/{place}",
            homepageUrl=None,
            isPrivate=private,
            visibility="PRIVATE" if private else "PUBLIC",
            isFork=chance.random() < 0.2,
            isArchived=chance.random() < 0.1,
            stargazerCount=chance.randrange(500),
            forkCount=chance.randrange(40),
            diskUsage=chance.randrange(10, 90_000),
            primaryLanguage={"id": f"MDg6TGFuZ3VhZ2U{language_number}", **primary},
            languages=connection(lambda _: [{"id": f"MDg6TGFuZ3VhZ2U{language_number}", **primary}]),
            defaultBranchRef={"id": f"REF_{node_id('', number)}", "name": "main", "prefix": "refs/heads/"},
            createdAt=ago(days=made),
            pushedAt=ago(days=made - 200),
            updatedAt=ago(days=made - 201),
            labels=self._labels_of(place),
            issue=self._thread_in(place, "Issue", "an Issue"),
            issues=self._threads_of(place, "Issue"),
            pullRequest=self._thread_in(place, "PullRequest", "a PullRequest"),
            pullRequests=self._threads_of(place, "PullRequest"),
        )

    def _labels_of(self, place: str) -> Callable[..., Node]:
        def listed(arguments: Mapping[str, Any]) -> list[Node]:
            found = self.labels(self.repositories[place])
            return [one for one in found if arguments.get("query", "") in one["name"]]

        return connection(listed)

    def _thread_in(self, place: str, kind: str, noun: str) -> Callable[..., Node]:
        def numbered(info: Any, number: int) -> Node:
            for thread in self._threads_in(place):
                if (thread["__typename"], thread["number"]) == (kind, number):
                    return thread
            raise Refused("NOT_FOUND", f"Could not resolve to {noun} with the number of {number}.")

        return numbered

    def _threads_of(self, place: str, kind: str) -> Callable[..., Node]:
        def listed(arguments: Mapping[str, Any]) -> list[Node]:
            kept = [thread for thread in self._threads_in(place) if thread["__typename"] == kind]
            if arguments.get("states"):
                kept = [thread for thread in kept if thread["state"] in arguments["states"]]
            if arguments.get("labels"):
                wanted = set(arguments["labels"])
                kept = [thread for thread in kept if wanted & {one["name"] for one in thread["labelNodes"]}]
            for name in ("baseRefName", "headRefName"):
                kept = [thread for thread in kept if name not in arguments or thread[name] == arguments[name]]
            return ordered(kept, arguments.get("orderBy"))

        return connection(listed)

    def _threads_in(self, place: str) -> list[Node]:
        """Issues and pull requests of one repository, oldest first."""
        if place not in self._threads:
            repository = self.repositories[place]
            chance = seeded(repository["databaseId"])
            issues, pull_requests = (260, 40) if place == LARGE else (chance.randrange(7), chance.randrange(4))
            kinds = ["Issue"] * issues + ["PullRequest"] * pull_requests
            chance.shuffle(kinds)
            users = list(self._users())
            self._threads[place] = [
                self._thread(
                    kind,
                    repository,
                    number,
                    f"{chance.choice(VERBS)} {chance.choice(THINGS)}",
                    self.bot if kind == "PullRequest" and number % 5 == 0 else chance.choice([*users[:40], None]),
                    ago(hours=5 * (len(kinds) + 1 - number)),
                    chance,
                )
                for number, kind in enumerate(kinds, start=1)
            ]
        return self._threads[place]

    def _thread(
        self,
        kind: str,
        repository: Node,
        number: int,
        title: str,
        author: Node | None,
        created_at: str,
        chance: random.Random,
    ) -> Node:
        inside = repository["databaseId"]
        database_id = 1_000_000_000 + 400 * (inside - 500_000_000) + number
        issue = kind == "Issue"
        closed = chance.random() < 0.3
        state = "OPEN" if not closed else "CLOSED" if issue or chance.random() < 0.3 else "MERGED"
        url = f"{repository['url']}/{'issues' if issue else 'pull'}/{number}"
        labels = chance.sample(self.labels(repository), chance.randrange(3))
        users = [self.accounts[login] for login in list(self.accounts)[:20]]
        comments = [
            self._comment(
                repository,
                url,
                2_000_000_000 + 4 * (database_id - 1_000_000_000) + step,
                chance.choice(("I see this too.", "Fixed on main, I think.", "Can you show an example?")),
                chance.choice(users),
                created_at,
            )
            for step in range(chance.randrange(4))
        ]
        assignees: list[Node] = []
        fields: dict[str, Any] = {
            "number": number,
            "title": title,
            "body": f"{title}: please have a look.",
            "state": state,
            "url": url,
            "author": author,
            "repository": repository,
            "createdAt": created_at,
            "updatedAt": created_at,
            "closedAt": created_at if closed else None,
            "labelNodes": labels,
            "commentNodes": comments,
            "assigneeNodes": assignees,
            "assignees": connection(lambda _: assignees),
            "labels": connection(lambda _: labels),
            "comments": connection(lambda _: comments),
        }
        if issue:
            assignees.extend(chance.sample(users, chance.randrange(2)))
            reason = "COMPLETED" if closed else None
            return self._add("I", kind, inside, database_id, **fields, stateReason=reason)
        return self._add(
            "PR",
            kind,
            inside,
            database_id,
            **fields,
            isDraft=state == "OPEN" and chance.random() < 0.2,
            merged=state == "MERGED",
            mergedAt=created_at if state == "MERGED" else None,
            additions=chance.randrange(400),
            deletions=chance.randrange(200),
            changedFiles=chance.randrange(1, 20),
            baseRefName="main",
            headRefName=f"{slug(title)}-{number}",
        )

    def _comment(self, repository: Node, url: str, number: int, body: str, author: Node, created_at: str) -> Node:
        return self._add(
            "IC",
            "IssueComment",
            repository["databaseId"],
            number,
            body=body,
            url=f"{url}#issuecomment-{number}",
            author=author,
            repository=repository,
            createdAt=created_at,
            updatedAt=created_at,
        )


def seeded(seed: int) -> random.Random:
    """Chance that is the same in every run."""
    return random.Random(seed)  # noqa: S311


def node_id(prefix: str, *numbers: int) -> str:
    """An id as GitHub forms it: a kind, and a MessagePack array of zero and database ids."""
    packed = bytes([0x91 + len(numbers), 0]) + b"".join(b"\xce" + number.to_bytes(4, "big") for number in numbers)
    return f"{prefix}_{urlsafe_b64encode(packed).decode().rstrip('=')}"


def enclosing(id: str) -> int:
    """The first database id in a node id: of what lies in a repository, the repository's. 0 where there is none."""
    try:
        packed = urlsafe_b64decode(id.partition("_")[2] + "==")
    except ValueError:
        return 0
    return int.from_bytes(packed[3:7], "big")


def actor(login: str, number: int) -> dict[str, str]:
    """What all actors have."""
    avatar = f"https://avatars.githubusercontent.com/u/{number}?v=4"
    return {"login": login, "url": f"https://github.com/{login}", "avatarUrl": avatar}


def label(place: str, name: str, color: str) -> dict[str, Any]:
    """One of the labels that every repository begins with."""
    return {"name": name, "color": color, "description": None, "url": f"https://github.com/{place}/labels/{name}"}


def slug(name: str) -> str:
    """A name as GitHub has it in addresses."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def ago(**before: int) -> str:
    """A moment before the end of the sandboxes' stories."""
    return stamp(EPOCH - timedelta(**before))


def stamp(moment: datetime) -> str:
    """A moment as GitHub writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
