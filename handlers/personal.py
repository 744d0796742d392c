"""``/hours my-data``: export what is stored about a person as a file; admins can also erase it."""

from __future__ import annotations

import json

from slack_sdk.errors import SlackApiError

from handlers.asked import Me, Problem
from handlers.desk import Ask
from handlers.slack_errors import code_of
from handlers.subjects import slack_user
from handlers.views import personal as views
from store.access import Action
from store.act import Place

__all__ = ["forget", "my_data"]


async def my_data(ask: Ask) -> None:
    """``/hours my-data``, or for admins ``my-data @ana``: send the stored data as a file."""
    user_id = slack_user(*(ask.asked.subjects or (Me(),)), asker=ask.user_id)
    own = user_id == ask.user_id
    permit = await ask.may(Action.READ_OWN_DATA if own else Action.ADMINISTER)
    await ask.desk.people.listed()  # people matched by e-mail are linked only after it
    held = await ask.store.personal.about(permit, user_id, listed=await _listed(ask, user_id))
    if not any(held.values()):
        await ask.answer(views.nothing(user_id, own=own))
        return
    channel = await _conversation(ask)
    as_of = ask.desk.clock.now().isoformat()
    content = json.dumps({"slack_user_id": user_id, "as_of": as_of, **held}, ensure_ascii=False, indent=2)
    await _share(ask, channel, content)
    reply = views.summary(user_id, held, own=own, keep=ask.store.retention.keep)
    await ask.desk.slack.chat_postMessage(channel=channel, text=reply.text, blocks=reply.blocks)
    if ask.place != Place("dm", channel):
        await ask.answer(views.in_dm(user_id, own=own))


async def forget(ask: Ask) -> None:
    """*Delete…*: erase everything about a person that nothing else needs."""
    permit = await ask.may(Action.ADMINISTER)
    erased = await ask.store.personal.erase(
        permit, ask.value, listed=await _listed(ask, ask.value), now=ask.desk.clock.now()
    )
    ask.desk.people.forget(ask.value)
    ask.desk.changed(ask.value)
    await ask.answer(views.deleted(ask.value, erased, keep=ask.store.retention.keep))


async def _listed(ask: Ask, user_id: str) -> tuple[int, ...]:
    """The ids of Focus users with the person's e-mail, which the store lists even if they are not linked."""
    return await ask.store.links.listed_as(await ask.desk.people.slack_person(user_id))


async def _conversation(ask: Ask) -> str:
    """The id of the bot's conversation with the asker; files cannot be shared to a user id."""
    answer = await ask.desk.slack.conversations_open(users=ask.user_id)
    channel = str(answer["channel"]["id"])
    ask.desk.people.learn_dm(ask.user_id, channel)
    return channel


async def _share(ask: Ask, channel: str, content: str) -> None:
    """Upload the content as a file and share it in the channel.

    Raises:
        Problem: the bot lacks the scope for files.
    """
    try:
        await ask.desk.slack.files_upload_v2(
            channel=channel, filename=views.FILE, content=content, title=views.FILE
        )
    except SlackApiError as error:
        if code_of(error) != "missing_scope":
            raise
        raise Problem(
            "I may not send files here, so I can’t hand the data over: an admin has to add the scope"
            " files:write and reinstall me."
        ) from error
