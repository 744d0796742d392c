"""The composition root: :func:`build` assembles a bot from its settings, :func:`run` runs it until stopped.

Outside dependencies (clock, HTTP clients) are keyword arguments whose defaults are the real ones.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import logging
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import aiohttp
import httpx
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from slack_sdk.webhook.async_client import AsyncWebhookClient

import handlers
import store
from bot.clients import RateLimits, focus_auth, focus_http, slack_client, slack_client_once, slack_session
from bot.clock import SystemClock, keep_up, tick_forever
from bot.connection import Connection, HttpConnection, Listener
from bot.logs import set_up_logs
from bot.metrics import Metrics, TimedApp
from bot.probes import Probes
from bot.settings import Settings
from bot.signing import Signing
from bot.socket_mode import SocketConnection, SocketRefusedError
from bot.start import StartError, require_unexposed, who_am_i
from bot.vitals import missing_scopes, scopes_of, vitals
from handlers.clockwork import Clockwork
from handlers.desk import Desk
from handlers.people import People
from handlers.routes import Route
from handlers.upkeep import look_after
from handlers.views.words import counted
from handlers.work import Lane, Work, change_to
from store.access import Policy
from store.clock import Clock
from store.database import DatabaseUnusableError
from store.focus import Numbering

__all__ = ["Bot", "StartError", "build", "run"]

log = logging.getLogger(__name__)

DRAIN_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bot:
    """An assembled bot, connected only within :meth:`running`.

    Once ``hurry`` is set, a stop does not wait for running work.
    """

    desk: Desk
    app: AsyncApp
    connection: Connection
    probes: Probes
    listener: Listener | None
    """Serves health probes, and Slack's requests in HTTP mode; ``None`` in Socket Mode without ``PORT``."""
    settings: Settings
    hurry: asyncio.Event

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Bot]:
        """Connect to Slack and run the background jobs; on exit stop accepting, finish work, and close."""
        clockwork, clock = Clockwork(self.desk), self.desk.clock
        ticking = partial(tick_forever, clockwork.tick, clock=clock, stirred=self.desk.store.outbox.stirred)
        upkeep = partial(look_after, self.desk, key_expires=self.settings.focus_api_key_expires)
        background = [
            asyncio.create_task(keep_up(job, name, clock=clock))
            for name, job in (
                ("the clock", ticking),
                ("the heartbeat", clockwork.stay_alive),
                ("upkeep", upkeep),
            )
        ]
        try:
            await self._open()
            yield self
        finally:
            await self.connection.close()
            clockwork.stopping = True
            cut_off = await self._finish(clockwork)
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)
            if self.listener:
                await self.listener.close()
            if cut_off:
                left = counted(cut_off, "piece of work", several="pieces of work")
                log.warning("%s unfinished: the next start resumes the rest", left)

    async def _open(self) -> None:
        if self.listener:
            slack = self.connection.routes if isinstance(self.connection, HttpConnection) else []
            try:
                await self.listener.open([*self.probes.routes, *slack])
            except OSError as error:
                raise StartError(_no_port(self.settings.port, error)) from error
        try:
            await self.connection.open()
        except SocketRefusedError as error:
            raise StartError(f"Slack does not accept SLACK_APP_TOKEN ({error}): copy it again.") from error

    async def _finish(self, clockwork: Clockwork) -> int:
        """Let running work end and send its messages; return how many pieces of work were cut off.

        Stops waiting after :data:`DRAIN_SECONDS`, or as soon as ``hurry`` is set.
        """

        async def finish() -> None:
            await self.desk.work.idle()
            while await clockwork.deliver(self.desk.clock.now()):
                await self.desk.work.idle()

        ways = [asyncio.create_task(finish()), asyncio.create_task(self.hurry.wait())]
        await asyncio.wait(ways, timeout=DRAIN_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        for task in ways:
            task.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        return await self.desk.work.cut_off()


def _no_port(port: int | None, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"PORT: another program listens on {port} already."
            " Stop it (is it this bot?), or choose another port."
        )
    return f"PORT: cannot listen on {port}: {error.strerror or error}. Choose another."


@asynccontextmanager
async def build(
    settings: Settings,
    *,
    clock: Clock | None = None,
    http: httpx.AsyncClient | None = None,
    session: aiohttp.ClientSession | None = None,
    hurry: asyncio.Event | None = None,
    routes: Sequence[Route] = handlers.ROUTES,
) -> AsyncIterator[Bot]:
    """Put the bot together: one Slack session, one Focus client, one database.

    Raises:
        StartError: Slack cannot be reached or refuses the token, the audit channel is public, shared
            or cannot be looked at, or the database cannot be used.
    """
    async with AsyncExitStack() as stack:
        clock = clock or SystemClock()
        started_at = clock.now()
        if session is None:
            session = await stack.enter_async_context(slack_session())
        if http is None:
            http = await stack.enter_async_context(focus_http())
        slack = slack_client(settings, session, limits=(limits := RateLimits()))
        me = await who_am_i(slack)
        team_id = str(me["team_id"])
        await require_unexposed(settings.hours_audit_channel, slack)
        try:
            opened = await store.open(
                _config(settings, team_id), http=http, clock=clock, on_wait=partial(change_to, Lane.FOCUS)
            )
        except DatabaseUnusableError as error:
            raise StartError(f"DATABASE_PATH: {error}") from error
        stack.push_async_callback(opened.close)
        app = _bolt(settings, slack, me)
        connection = _connection(settings, app, slack, opened)
        only_counted = RateLimits(repeats=0)
        metrics = Metrics(opened, connection, app.acks, limits=(limits, only_counted))
        desk = Desk(
            store=opened,
            slack=slack,
            slack_once=slack_client_once(settings, session, limits=only_counted),
            people=People(opened, slack, clock=clock),
            work=Work(measured=metrics.answered),
            clock=clock,
            command=settings.hours_command,
            bot_name=str(me["user"]),
            scopes=scopes_of(me.headers) or frozenset(),
            webhook=lambda url: AsyncWebhookClient(url, session=session, retry_handlers=[]),
            vitals=lambda: vitals(
                settings, connection, started_at=started_at, missing=missing_scopes(me.headers) or {}
            ),
        )
        handlers.register(app, desk, routes)
        yield Bot(
            desk=desk,
            app=app,
            connection=connection,
            probes=Probes(store=opened, connection=connection, metrics=metrics, clock=clock),
            listener=Listener(port=settings.port) if settings.port else None,
            settings=settings,
            hurry=hurry or asyncio.Event(),
        )


async def run(settings: Settings) -> None:
    """Run until SIGTERM or Ctrl-C; a second signal stops without waiting for running work."""
    set_up_logs()
    stop, hurry = asyncio.Event(), asyncio.Event()

    def stopped() -> None:
        (hurry if stop.is_set() else stop).set()

    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # Windows has no such handlers
            asyncio.get_running_loop().add_signal_handler(number, stopped)
    async with build(settings, hurry=hurry) as bot, bot.running():
        # What exists now lives as long as the process: exclude it from garbage collection.
        gc.collect()
        gc.freeze()
        log.info("running: %s in team %s", settings.hours_command, bot.desk.store.team_id)
        await stop.wait()
        log.info("stopping: finishing what runs")


def _bolt(settings: Settings, slack: AsyncWebClient, me: AsyncSlackResponse) -> TimedApp:
    authorized = AuthorizeResult(
        enterprise_id=me.get("enterprise_id"),
        team_id=me["team_id"],
        bot_user_id=me["user_id"],
        bot_id=me.get("bot_id"),
        bot_token=settings.slack_bot_token.get_secret_value(),
    )

    async def authorize() -> AuthorizeResult:
        return authorized

    return TimedApp(
        # No token here: ``authorize`` returns it, and Bolt warns if it is given both.
        client=AsyncWebClient(base_url=slack.base_url, session=slack.session, retry_handlers=[]),
        authorize=authorize,
        # ``bot/signing.py`` verifies HTTP requests. Bolt would log the whole body of a refused one.
        request_verification_enabled=False,
        process_before_response=True,  # Bolt's default polls for the acknowledgement every 10 ms
        # Middleware this app has no use for; each would run with every request.
        url_verification_enabled=not settings.socket_mode,
        ssl_check_enabled=False,
        attaching_function_token_enabled=False,
    )


def _connection(settings: Settings, app: AsyncApp, slack: AsyncWebClient, opened: store.Store) -> Connection:
    if settings.slack_app_token is None:
        if (secret := settings.slack_signing_secret) is None:
            raise StartError("SLACK_SIGNING_SECRET is missing.")  # with an empty secret anybody could sign
        return HttpConnection(app, Signing(secret.get_secret_value(), opened.signatures))
    # The Socket Mode client makes its own aiohttp session, so it gets its own Web client.
    web_client = AsyncWebClient(slack.token, base_url=settings.slack_api_url)
    return SocketConnection(app, app_token=settings.slack_app_token.get_secret_value(), web_client=web_client)


def _config(settings: Settings, team_id: str) -> store.Config:
    return store.Config(
        team_id=team_id,
        database=settings.database_path,
        focus_url=settings.focus_api_url,
        focus_auth=focus_auth(settings),
        organization_id=settings.focus_organization_id,
        workspace_id=settings.focus_workspace_id,
        weekdays=Numbering(settings.focus_weekdays) if settings.focus_weekdays else None,
        policy=Policy(
            admins=frozenset(settings.hours_admins),
            members_see=settings.hours_view == "members",
            self_edit=settings.hours_self_edit,
            guests_see_own=settings.hours_guests == "own",
        ),
        email_aliases=settings.hours_email_aliases,
        audit_channel=settings.hours_audit_channel,
        zone=settings.hours_timezone,
        grace=timedelta(minutes=settings.hours_reminder_grace_minutes),
        fresh_for=timedelta(seconds=settings.hours_cache_seconds),
        quota=settings.focus_quota,
        reserve=settings.focus_quota_reserve / 100,
        retention_days=settings.hours_retention_days,
    )
