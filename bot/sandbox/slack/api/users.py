"""``users.*`` and ``usergroups.*``: https://docs.slack.dev/reference/methods/users.list and others."""

from __future__ import annotations

from bot.sandbox.slack.api.method import Asked, Method, page
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.limits import TIER
from bot.sandbox.slack.payloads import group_json, user_json
from bot.sandbox.slack.workspace import Json, Person

__all__ = ["METHODS"]


def _said(asked: Asked, person: Person) -> Json:
    world = asked.world
    email, locale = world.app.allows("users:read.email"), asked.args.flag("include_locale")
    return user_json(person, now=world.clock.now(), email=email, locale=locale)


def _list(asked: Asked) -> Json:
    people, more = page(asked, list(asked.world.people.values()))
    members = [_said(asked, person) for person in people]
    return {"members": members, "cache_ts": int(asked.world.clock.now().timestamp()), **more}


def _info(asked: Asked) -> Json:
    person = asked.world.people.get(asked.args.required("user"))
    if person is None:
        raise SlackError("user_not_found")
    return {"user": _said(asked, person)}


def _lookup_by_email(asked: Asked) -> Json:
    email = asked.args.required("email").casefold()
    for person in asked.world.people.values():
        known = not (person.deleted or person.is_bot or person.is_stranger)
        if known and (person.email or "").casefold() == email:
            return {"user": _said(asked, person)}
    raise SlackError("users_not_found")


def _groups(asked: Asked) -> Json:
    _need_paid_plan(asked)
    users = asked.args.flag("include_users")
    return {"usergroups": [group_json(group, users=users) for group in asked.world.groups.values()]}


def _group_users(asked: Asked) -> Json:
    _need_paid_plan(asked)
    group = asked.world.groups.get(asked.args.required("usergroup"))
    if group is None:
        raise SlackError("no_such_subteam")
    return {"users": list(group.users)}


def _need_paid_plan(asked: Asked) -> None:
    if not asked.world.paid:
        raise SlackError("plan_upgrade_required")


METHODS = {
    "users.list": Method(_list, ("users:read",), TIER[2]),
    "users.info": Method(_info, ("users:read",), TIER[4]),
    "users.lookupByEmail": Method(_lookup_by_email, ("users:read.email",)),
    "usergroups.list": Method(_groups, ("usergroups:read",), TIER[2]),
    "usergroups.users.list": Method(_group_users, ("usergroups:read",), TIER[2]),
}
