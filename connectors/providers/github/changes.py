"""What can be changed in the GitHub that the sandbox shows: issues, their labels and assignees, and comments.

Anyone may open issues and comment; what is there is changed by whoever wrote it or owns the repository. Organizations
are owned by their first member.
"""

from collections.abc import Callable, Mapping
from typing import Any

from graphql import GraphQLResolveInfo

from connectors.providers.github.invented import Hub
from connectors.providers.github.listing import Node, Refused, cursor_of

CREATING = ("createIssue", "addComment")
MAX_TITLE, MAX_BODY = 256, 65_536

Given = Mapping[str, Any]
Resolver = Callable[..., Node]


class Changes:
    """GitHub's mutations, under its names. `now` gives a time as GitHub writes it."""

    def __init__(self, hub: Hub, now: Callable[[], str]) -> None:
        self._hub = hub
        self._now = now

    def roots(self) -> dict[str, Resolver]:
        """The root fields of the mutation type."""
        changes = (
            self.createIssue,
            self.updateIssue,
            self.closeIssue,
            self.reopenIssue,
            self.addComment,
            self.updateIssueComment,
            self.deleteIssueComment,
            self.addLabelsToLabelable,
            self.removeLabelsFromLabelable,
            self.addAssigneesToAssignable,
            self.removeAssigneesFromAssignable,
        )
        return {change.__name__: self._field(change) for change in changes}

    def _field(self, change: Callable[[Given], Node]) -> Resolver:
        def resolve(info: GraphQLResolveInfo[Any], input: Given) -> Node:
            return {**change(input), "clientMutationId": input.get("clientMutationId")}

        return resolve

    def createIssue(self, given: Given) -> Node:
        repository = self._found(given["repositoryId"], "Repository")
        if repository["isArchived"]:
            raise Refused("FORBIDDEN", "Repository was archived so is read-only.")
        title = self._title(given["title"])
        labels, users = self._labels(given, repository), self._users(given)
        owner, name = repository["nameWithOwner"].split("/")
        issue = self._hub.open_issue(owner, name, title, self._now())
        issue.update(body=self._body(given.get("body") or ""), state="OPEN", stateReason=None, closedAt=None)
        issue["labelNodes"][:], issue["assigneeNodes"][:], issue["commentNodes"][:] = labels, users, []
        return {"issue": issue}

    def updateIssue(self, given: Given) -> Node:
        issue = self._own(given["id"], "Issue", "UpdateIssue")
        facts: dict[str, Any] = {}
        if given.get("title") is not None:
            facts["title"] = self._title(given["title"])
        if given.get("body") is not None:
            facts["body"] = self._body(given["body"])
        if given.get("labelIds") is not None:
            issue["labelNodes"][:] = self._labels(given, issue["repository"])
        if given.get("assigneeIds") is not None:
            issue["assigneeNodes"][:] = self._users(given)
        if given.get("state"):
            facts |= self._state(issue, given["state"], None)
        issue.update(facts, updatedAt=self._now())
        return {"issue": issue}

    def closeIssue(self, given: Given) -> Node:
        issue = self._own(given["issueId"], "Issue", "CloseIssue")
        if given.get("duplicateIssueId"):
            self._found(given["duplicateIssueId"], "Issue")
        issue.update(self._state(issue, "CLOSED", given.get("stateReason")), updatedAt=self._now())
        return {"issue": issue}

    def reopenIssue(self, given: Given) -> Node:
        issue = self._own(given["issueId"], "Issue", "ReopenIssue")
        issue.update(self._state(issue, "OPEN", None), updatedAt=self._now())
        return {"issue": issue}

    def addComment(self, given: Given) -> Node:
        thread = self._found(given["subjectId"], "Issue", "PullRequest")
        comment = self._hub.comment(thread, self._body(given["body"], needed=True), self._now())
        return {"commentEdge": {"cursor": cursor_of(comment), "node": comment}}

    def updateIssueComment(self, given: Given) -> Node:
        comment = self._own(given["id"], "IssueComment", "UpdateIssueComment")
        comment.update(body=self._body(given["body"], needed=True), updatedAt=self._now())
        return {"issueComment": comment}

    def deleteIssueComment(self, given: Given) -> Node:
        self._hub.remove_comment(self._own(given["id"], "IssueComment", "DeleteIssueComment"))
        return {}

    def addLabelsToLabelable(self, given: Given) -> Node:
        thread = self._own(given["labelableId"], "Issue", "AddLabelsToLabelable", "PullRequest")
        labels = self._labels(given, thread["repository"])
        thread["labelNodes"] += [one for one in labels if one not in thread["labelNodes"]]
        return {"labelable": thread}

    def removeLabelsFromLabelable(self, given: Given) -> Node:
        thread = self._own(given["labelableId"], "Issue", "RemoveLabelsFromLabelable", "PullRequest")
        gone = self._labels(given, thread["repository"])
        thread["labelNodes"][:] = [one for one in thread["labelNodes"] if one not in gone]
        return {"labelable": thread}

    def addAssigneesToAssignable(self, given: Given) -> Node:
        thread = self._own(given["assignableId"], "Issue", "AddAssigneesToAssignable", "PullRequest")
        thread["assigneeNodes"] += [one for one in self._users(given) if one not in thread["assigneeNodes"]]
        return {"assignable": thread}

    def removeAssigneesFromAssignable(self, given: Given) -> Node:
        thread = self._own(given["assignableId"], "Issue", "RemoveAssigneesFromAssignable", "PullRequest")
        gone = self._users(given)
        thread["assigneeNodes"][:] = [one for one in thread["assigneeNodes"] if one not in gone]
        return {"assignable": thread}

    def _found(self, id: str, *kinds: str) -> Node:
        node = self._hub.node(id)
        if node["__typename"] not in kinds:
            raise Refused("NOT_FOUND", f"Could not resolve to {kinds[0]} node with the global id of '{id}'.")
        return node

    def _own(self, id: str, kind: str, operation: str, *more: str) -> Node:
        node, viewer = self._found(id, kind, *more), self._hub.viewer
        if node["author"] is not viewer and viewer not in self._hub.owners(node["repository"]):
            message = f"{viewer['login']} does not have the correct permissions to execute `{operation}`"
            raise Refused("FORBIDDEN", message)
        return node

    def _labels(self, given: Given, repository: Node) -> list[Node]:
        labels = [self._found(id, "Label") for id in given.get("labelIds") or ()]
        if any(one not in self._hub.labels(repository) for one in labels):
            raise Refused("UNPROCESSABLE", "Label does not belong to the repository.")
        return labels

    def _users(self, given: Given) -> list[Node]:
        return [self._found(id, "User") for id in given.get("assigneeIds") or ()]

    def _title(self, title: str) -> str:
        if not title.strip():
            raise Refused("UNPROCESSABLE", "Title can't be blank")
        if len(title) > MAX_TITLE:
            raise Refused("UNPROCESSABLE", f"Title is too long (maximum is {MAX_TITLE} characters)")
        return title

    def _body(self, body: str, *, needed: bool = False) -> str:
        if needed and not body.strip():
            raise Refused("UNPROCESSABLE", "Body can't be blank")
        if len(body) > MAX_BODY:
            raise Refused("UNPROCESSABLE", f"Body is too long (maximum is {MAX_BODY} characters)")
        return body

    def _state(self, issue: Node, state: str, reason: str | None) -> dict[str, Any]:
        if issue["state"] == state:
            return {}
        if state == "CLOSED":
            return {"state": state, "stateReason": reason or "COMPLETED", "closedAt": self._now()}
        return {"state": state, "stateReason": "REOPENED", "closedAt": None}
