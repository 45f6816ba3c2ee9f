"""What was said in the Slack sandbox's workspace before anyone calls: the same in every run."""

import random
from string import ascii_uppercase, digits
from typing import Any

from connectors.providers.slack.sandbox.workspace import Json, Workspace
from connectors.sandbox.people import EPOCH, Person

TEAM = "T0PUNNET01"
BOT = "U0PUNNETBOT"
BOT_ID = "B0PUNNETBOT"
EMOJI = ("thumbsup", "tada", "eyes", "heart", "rocket", "white_check_mark", "joy", "raised_hands", "fire", "pear")
"""The emoji of the workspace; the last one is its own."""

NOW = int(EPOCH.timestamp())
TIME_ZONES = {
    "DE": "Europe/Berlin",
    "PT": "Europe/Lisbon",
    "KE": "Africa/Nairobi",
    "JP": "Asia/Tokyo",
    "FR": "Europe/Paris",
    "US": "America/Chicago",
}
REMARKS = (
    "The quinces are in",
    "Who has the key to the cold store?",
    "Invoice 4711 is paid",
    "Lunch at twelve?",
    "The build is green again",
    "I moved the review to Thursday",
    "Please have a look at the harvest figures",
    "The customer wants two crates more",
    "Welcome to the team!",
    "Deploying in ten minutes",
    "Can somebody restart the press?",
    "Numbers for the quarter are in the sheet",
)
ANSWERS = ("On it", "Thanks!", "Done", "Not before tomorrow", "I can do that", "+1", "See the thread above")
FILES = (
    ("harvest.csv", "text/csv", "csv"),
    ("label.png", "image/png", "png"),
    ("contract.pdf", "application/pdf", "pdf"),
)
ID_CHARACTERS = ascii_uppercase + digits


def tell(people: tuple[Person, ...]) -> Workspace:
    """A workspace with everybody in it, a channel for each company and five for all.

    The app is not in `announcements`, nor in the private `board`; `old-launch` is archived. Every 29th person is
    deactivated, and every 7th has no phone number there.
    """
    return _Story(random.Random(51120), people).told()  # noqa: S311


class _Story:
    def __init__(self, chance: random.Random, people: tuple[Person, ...]) -> None:
        self._chance = chance
        self._people = people
        self._workspace = Workspace(BOT, NOW)
        self._ids = {person.index: self._id("U") for person in people}

    def told(self) -> Workspace:
        workspace = self._workspace
        for person in self._people:
            workspace.users[self._ids[person.index]] = self._user(person)
        workspace.users[BOT] = _bot()
        active = [id for id, user in workspace.users.items() if not user["deleted"] and id != BOT]
        everyone = [*active, BOT]
        self._channel("general", everyone, 150, is_general=True, purpose="Everything that concerns everybody")
        self._channel("random", everyone, 60, topic="Fruit only")
        self._channel("announcements", active, 10)
        self._channel("old-launch", everyone, 20, is_archived=True)
        self._channel("finance", [*active[: max(2, len(active) // 10)], BOT], 40, is_private=True)
        self._channel("board", active[:3], 5, is_private=True)
        for domain in sorted({person.company.domain for person in self._people}):
            staff = [self._ids[p.index] for p in self._people if p.company.domain == domain]
            name = domain.removesuffix(".example")
            self._channel(name, [*(id for id in staff if id in active), BOT], 25, purpose=f"All of {domain}")
        for id in active[:2]:
            self._direct(id)
        for messages in workspace.messages.values():
            messages.sort(key=lambda message: str(message["ts"]))
        workspace.files = dict(sorted(workspace.files.items(), key=lambda item: -item[1]["created"]))
        return workspace

    def _channel(self, name: str, members: list[str], messages: int, **facts: Any) -> None:
        chance = self._chance
        created = NOW - chance.randrange(60, 90) * 86_400
        private = bool(facts.get("is_private"))
        id = self._id("G" if private else "C")
        owner = members[0] if members else BOT
        self._workspace.channels[id] = {
            "id": id,
            "name": name,
            "name_normalized": name,
            "is_channel": not private,
            "is_group": private,
            "is_im": False,
            "is_mpim": False,
            "is_private": private,
            "created": created,
            "is_archived": facts.get("is_archived", False),
            "is_general": facts.get("is_general", False),
            "unlinked": 0,
            "is_shared": False,
            "is_org_shared": False,
            "is_ext_shared": False,
            "creator": owner,
            "topic": _told(facts.get("topic", ""), owner, created),
            "purpose": _told(facts.get("purpose", ""), owner, created),
            "previous_names": [],
        }
        self._workspace.members[id] = members
        people = [member for member in members if member != BOT]
        if people:
            self._talk(id, people, messages, created)

    def _direct(self, user: str) -> None:
        id = self._id("D")
        created = NOW - 20 * 86_400
        self._workspace.channels[id] = {
            "id": id,
            "created": created,
            "is_im": True,
            "is_archived": False,
            "is_org_shared": False,
            "user": user,
            "is_user_deleted": False,
            "priority": 0,
        }
        self._workspace.members[id] = [user, BOT]
        self._talk(id, [user, BOT], 6, created)

    def _talk(self, channel: str, people: list[str], count: int, since: int) -> None:
        chance, workspace = self._chance, self._workspace
        moments = sorted(chance.sample(range(since + 60, NOW - 7200), count))
        for moment in moments:
            message = _said(chance.choice(people), moment, chance.choice(REMARKS))
            workspace.messages[channel].append(message)
            if chance.random() < 0.3:
                message["reactions"] = [self._reaction(people) for _ in range(1)]
            if chance.random() < 0.1:
                message["edited"] = {"user": message["user"], "ts": f"{moment + 40}.000000"}
            if chance.random() < 0.12:
                self._share(channel, message)
            if chance.random() < 0.15:
                self._thread(channel, message, people)

    def _thread(self, channel: str, parent: Json, people: list[str]) -> None:
        chance = self._chance
        ts, start = str(parent["ts"]), int(float(parent["ts"]))
        replies = [
            {**_said(chance.choice(people), start + 60 * number, chance.choice(ANSWERS)), "thread_ts": ts}
            for number in range(1, chance.randrange(2, 9))
        ]
        for reply in replies:
            reply["ts"] = reply["ts"][:-3] + "200"
            reply["parent_user_id"] = parent["user"]
        self._workspace.messages[channel] += replies
        users = list(dict.fromkeys(reply["user"] for reply in replies))
        parent |= {
            "thread_ts": ts,
            "reply_count": len(replies),
            "reply_users_count": len(users),
            "latest_reply": replies[-1]["ts"],
            "reply_users": users[:5],
        }

    def _reaction(self, people: list[str]) -> Json:
        users = self._chance.sample(people, min(len(people), self._chance.randrange(1, 4)))
        return {"name": self._chance.choice(EMOJI), "users": users, "count": len(users)}

    def _share(self, channel: str, message: Json) -> None:
        name, mimetype, filetype = self._chance.choice(FILES)
        id = self._id("F")
        private = channel.startswith(("G", "D"))
        file = {
            "id": id,
            "created": int(float(message["ts"])),
            "timestamp": int(float(message["ts"])),
            "name": name,
            "title": name.partition(".")[0].title(),
            "mimetype": mimetype,
            "filetype": filetype,
            "pretty_type": filetype.upper(),
            "user": message["user"],
            "editable": False,
            "size": self._chance.randrange(500, 5_000_000),
            "mode": "hosted",
            "is_external": False,
            "external_type": "",
            "is_public": not private,
            "url_private": f"https://files.slack.com/files-pri/{TEAM}-{id}/{name}",
            "permalink": f"https://punnet.slack.com/files/{message['user']}/{id}/{name}",
            "channels": [] if private else [channel],
            "groups": [channel] if channel.startswith("G") else [],
            "ims": [channel] if channel.startswith("D") else [],
        }
        self._workspace.files[id] = file
        message["files"] = [file]

    def _user(self, person: Person) -> Json:
        deleted = person.index % 29 == 17
        id = self._ids[person.index]
        profile = {
            "title": person.title,
            "phone": "" if person.index % 7 == 2 else person.phone,
            "skype": "",
            "real_name": person.name,
            "real_name_normalized": person.name,
            "display_name": person.login,
            "display_name_normalized": person.login,
            "status_text": "On holiday" if person.index % 13 == 5 else "",
            "status_emoji": ":palm_tree:" if person.index % 13 == 5 else "",
            "status_expiration": 0,
            "avatar_hash": f"g{person.index:011x}",
            "email": person.email,
            "first_name": person.first_name,
            "last_name": person.last_name,
            "image_192": f"https://avatars.slack-edge.com/{id}_192.png",
            "team": TEAM,
        }
        user = {
            "id": id,
            "team_id": TEAM,
            "name": person.login,
            "deleted": deleted,
            "profile": profile,
            "is_bot": False,
            "is_app_user": False,
            "updated": int(person.joined_at.timestamp()),
        }
        if deleted:
            return user
        return {
            **user,
            "color": f"{person.index * 7919 % 0xFFFFFF:06x}",
            "real_name": person.name,
            "tz": TIME_ZONES[person.country],
            "tz_label": TIME_ZONES[person.country],
            "tz_offset": 0,
            "is_admin": person.title == "CTO",
            "is_owner": person.index == 0,
            "is_primary_owner": person.index == 0,
            "is_restricted": False,
            "is_ultra_restricted": False,
            "is_email_confirmed": True,
        }

    def _id(self, letter: str) -> str:
        return f"{letter}0{''.join(self._chance.choices(ID_CHARACTERS, k=9))}"


def _said(user: str, moment: int, text: str) -> Json:
    return {"type": "message", "user": user, "ts": f"{moment}.000100", "text": text, "team": TEAM}


def _told(value: str, creator: str, moment: int) -> Json:
    """A topic or a purpose, unset where it is empty."""
    return {"value": value, "creator": creator if value else "", "last_set": moment if value else 0}


def _bot() -> Json:
    return {
        "id": BOT,
        "team_id": TEAM,
        "name": "punnet",
        "deleted": False,
        "real_name": "Punnet",
        "tz": "Europe/Berlin",
        "profile": {"real_name": "Punnet", "display_name": "", "title": "", "bot_id": BOT_ID, "team": TEAM},
        "is_admin": False,
        "is_owner": False,
        "is_restricted": False,
        "is_bot": True,
        "is_app_user": False,
        "updated": NOW - 86_400 * 90,
    }
