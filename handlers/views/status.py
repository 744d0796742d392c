"""The status report for admins: problems first, each with its fix."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from slack_sdk.models.blocks import Block

from handlers.views.alarms import NEW_KEY, channel_fix
from handlers.views.blocks import Reply, context, escape, header, mention, section, sentence_list, when
from handlers.views.problems import compare_week
from handlers.views.spans import in_full
from handlers.views.words import counted
from handlers.vitals import Vitals
from store.alarms import KEY
from store.census import LastPlan, LastRun, Unsent
from store.focus import Failure, FocusError, KeyRefusedError, OutOfQuotaError, UnclearError, WaitError
from store.health import Report
from store.reminders import LEAVE_UNKNOWN

__all__ = ["status"]

SOON = timedelta(days=14)
"""How long before the key's expiry the report warns about it."""

_CHECKED = {"POST": "added", "PUT": "changed", "DELETE": "removed"}
"""What the first write of each kind did."""

_SILENT = "has not answered since I started"


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the report: a name, its state, and the fix if it is not well."""

    name: str
    text: str
    fix: str = ""

    @property
    def well(self) -> bool:
        return not self.fix

    @property
    def shown(self) -> str:
        mark = ":white_check_mark:" if self.well else ":warning:"
        return f"{mark} *{self.name}:* {self.text} {self.fix}".rstrip()

    @property
    def read(self) -> str:
        return f"{'' if self.well else 'Not well: '}{self.name}: {self.text} {self.fix}".rstrip()


def status(report: Report, vitals: Vitals, *, now: datetime) -> Reply:
    """The report: a summary sentence, then every line, problems first."""
    lines = sorted(_lines(report, vitals, now), key=lambda line: line.well)
    wrong = sum(not line.well for line in lines)
    whole = (
        "All is well."
        if not wrong
        else f"{wrong} {'thing needs' if wrong == 1 else 'things need'} attention."
    )
    blocks: list[Block] = [header("Status"), section(f"*{whole}*")]
    blocks += [section(line.shown) for line in lines if not line.well]
    blocks += compare_week(report.lock)
    blocks.append(section("\n".join(line.shown for line in lines if line.well)))
    foot = f"Version {vitals.version} · started {when(vitals.started_at)} · {when(now)}"
    blocks.append(context(foot))
    return Reply(" ".join([whole, *(line.read for line in lines), foot]), tuple(blocks))


def _lines(report: Report, vitals: Vitals, now: datetime) -> Iterator[_Line]:
    yield _slack(vitals)
    yield _scopes(vitals)
    yield _focus(report)
    yield _key(report, vitals, now)
    yield _quota(report)
    yield _weekdays(report)
    yield _placeholders(report)
    yield _waiting(report)
    yield _messages(report)
    yield _reminders(report)
    yield _plans(report)
    everybody = counted(report.held.people, "person", several="people")
    yield _Line("Links", f"{report.held.linked} of {everybody} in Toggl Focus.")
    size, weeks = f"{report.held.database_bytes / 1_000_000:.1f} MB", counted(report.held.weeks, "week")
    yield _Line("Database", f"{size}, {weeks} known.")


def _slack(vitals: Vitals) -> _Line:
    if vitals.trouble:
        fix = "It connects again by itself; if that lasts, check this machine’s network, and run `doctor`."
        return _Line("Slack", f"{escape(vitals.trouble)}.", fix)
    if vitals.connected_at is None:
        return _Line("Slack", f"reaches me over {vitals.transport}.")
    again = vitals.connections - 1
    reconnects = f"; reconnected {counted(again, 'time')} since the start" if again > 0 else ""
    return _Line("Slack", f"{vitals.transport}, connected since {when(vitals.connected_at)}{reconnects}.")


def _scopes(vitals: Vitals) -> _Line:
    if not vitals.missing_scopes:
        return _Line("Scopes", "all there.")
    missing = "; ".join(f"`{scope}` ({stops})" for scope, stops in vitals.missing_scopes.items())
    return _Line("Scopes", f"missing: {missing}.", "Add them at api.slack.com/apps and reinstall me.")


def _focus(report: Report) -> _Line:
    contact = report.contact
    told = f"last answered {when(contact.answered_at)}" if contact.answered_at else _SILENT
    if contact.failure:
        told += f"; last error {when(contact.failure.at)}: {_failure(contact.failure)}"
    elif not contact.answered_at:
        return _Line("Toggl Focus", f"{told}.", "I ask at the start: look again in a minute.")
    return _Line(
        "Toggl Focus", f"{told}.", _focus_fix(contact.trouble.kind, report) if contact.trouble else ""
    )


def _failure(failure: Failure) -> str:
    said = f" “{escape(failure.description.rstrip('.'))}”" if failure.description else ""
    status = f"status {failure.status}" if failure.status else ""
    trace = f"Toggl’s trace id `{escape(failure.trace_id)}`" if failure.trace_id else ""
    facts = ", ".join(filter(None, (status, trace)))
    return f"`{escape(failure.asked)}` {escape(failure.reason)}{said}{f' ({facts})' if facts else ''}"


def _focus_fix(kind: type[FocusError], report: Report) -> str:
    if issubclass(kind, KeyRefusedError) or (
        issubclass(kind, OutOfQuotaError) and report.quota.remaining == 0
    ):
        return ""  # the key and the quota have their own lines
    if issubclass(kind, OutOfQuotaError):
        return "Until the quota is back weeks are shown as last read, and changes wait."
    if issubclass(kind, WaitError | UnclearError):
        return "Weeks are shown as last read meanwhile; if that lasts, check this machine’s network."
    return "`python -m bot doctor` says what to mend."


def _key(report: Report, vitals: Vitals, now: datetime) -> _Line:
    since = _refused_since(report)
    if since:
        return _Line("Focus key", f"refused since {when(since)}.", NEW_KEY)
    heard = "accepted" if report.contact.answered_at else f"not confirmed: Toggl Focus {_SILENT}"
    if vitals.key_expires is None:
        told = f"{heard}; its last day is not in `FOCUS_API_KEY_EXPIRES`, so I can’t warn you."
        return _Line("Focus key", told)
    left = (vitals.key_expires - now.date()).days
    last = in_full(vitals.key_expires)
    text = f"ended on {last}." if left < 0 else f"{heard}, until {last} ({counted(left, 'day')})."
    return _Line("Focus key", text, NEW_KEY if timedelta(days=left) <= SOON else "")


def _refused_since(report: Report) -> datetime | None:
    """Since when Focus refuses the key: from the alarm, or from the last answer if none is raised yet."""
    trouble = report.contact.trouble
    heard = trouble.at if trouble and issubclass(trouble.kind, KeyRefusedError) else None
    return next((alarm.since for alarm in report.alarms if alarm.what == KEY), heard)


def _quota(report: Report) -> _Line:
    quota = report.quota
    back = f", full again {when(quota.resets_at)}" if quota.resets_at else ""
    kept = f"{report.reserve} an hour reserved for people who are waiting for an answer"
    text = f"{counted(report.left, 'request')} left{back}; {kept}."
    if quota.remaining is None:
        text = f"by my own count {text} Toggl Focus does not tell me."
    if report.left == 0:
        return _Line("Focus quota", text, "Until then weeks are shown as last read, and changes wait.")
    return _Line("Focus quota", text)


def _weekdays(report: Report) -> _Line:
    if report.lock:
        why = {
            "unproven": "nobody has confirmed yet how I read Toggl Focus’s weekdays",
            "impossible": f"Toggl Focus sent the weekday number {escape(report.lock.seen)}",
            "doubted": f"more people’s weeks fit another numbering. {escape(report.lock.seen)}".rstrip("."),
            "moved": f"a change moved days that it should not have ({escape(report.lock.seen)})",
        }[report.lock.code]
        fix = "Answer my message about it, or run `python -m bot doctor`."
        if report.lock.code == "unproven":
            fix = "Press *Compare a week now*, and answer my direct message about it."
        return _Line("Changes", f"locked: {why}.", fix)
    checked = sentence_list(_CHECKED[verb] for verb in report.checked)
    first = f"the first {checked} days were checked" if checked else "nothing has been written yet"
    sure = "confirmed" if report.proven else "a guess"
    return _Line("Weekdays", f"`{report.numbering}`, {sure}; {first}.")


def _placeholders(report: Report) -> _Line:
    if not report.has_placeholders:
        return _Line("Placeholders", "left out: `FOCUS_WORKSPACE_ID` is not set.")
    if not report.held.placeholders:
        return _Line("Placeholders", "none in Toggl Focus, or not listed yet.")
    read = report.held.placeholder_weeks
    weeks = f"{counted(read, 'week')} read" if read else "no week read yet"
    return _Line("Placeholders", f"{report.held.placeholders}; {weeks}.")


def _waiting(report: Report) -> _Line:
    if not (report.held.waiting or report.held.unclear):
        return _Line("Changes", "none waiting.")
    due = f", the next one {when(report.held.next_due)}" if report.held.next_due else ""
    parts = [f"{report.held.waiting} waiting{due}"] if report.held.waiting else []
    parts += [f"of {report.held.unclear} I am finding out what became of them"] if report.held.unclear else []
    return _Line("Changes", f"{'; '.join(parts)}.")


def _reminders(report: Report) -> _Line:
    if not report.held.reminders:
        return _Line("Reminders", "none yet.")
    last = f"; the last one {_run(report.held.last_run)}" if report.held.last_run else ""
    coming = (
        f"; the next one {when(report.held.next_reminder)}" if report.held.next_reminder else "; none is due"
    )
    text = f"{report.held.reminders}{last}{coming}."
    if not report.held.reminders_failing:
        return _Line("Reminders", text)
    failing = "; ".join(_run(each) for each in report.held.reminders_failing)
    fixes = sorted({channel_fix(each.reason) for each in report.held.reminders_failing})
    return _Line("Reminders", f"{text} Failing: {failing}.", " ".join(fixes))


def _run(run: LastRun) -> str:
    said = "who is away was not known" if run.reason == LEAVE_UNKNOWN else f"`{escape(run.reason)}`"
    reason = f" ({said})" if run.reason else ""
    return f"{run.state} in <#{run.channel}> {when(run.due_at)}{reason}"


def _plans(report: Report) -> _Line:
    last = f"; the last one {_last_plan(report.held.last_plan)}" if report.held.last_plan else ""
    coming = f"; the next one is due {when(report.held.next_plan)}" if report.held.next_plan else ""
    text = f"{report.held.plans or 'none'}{last}{coming}"
    if not report.held.plans_asked:
        return _Line("Planned changes", f"{text}.")
    asked = f"{report.held.plans_asked} could not begin, waiting for a decision"
    return _Line("Planned changes", f"{text}; {asked}.", "Whoever planned that was asked.")


def _last_plan(plan: LastPlan) -> str:
    of = f" of {plan.weeks} weeks" if plan.weeks > 1 else ""
    waiting = f"{plan.waiting} not done yet" if plan.waiting else ""
    unwritten = f"{plan.unwritten} not written as planned" if plan.unwritten else ""
    left = ", ".join(filter(None, (waiting, unwritten)))
    return f"{plan.what} {when(plan.at)}{of}{f' ({left})' if left else ''}"


def _messages(report: Report) -> _Line:
    if not report.held.unsent:
        return _Line("Messages", f"{report.held.to_send} to send." if report.held.to_send else "all sent.")
    told = "; ".join(map(_unsent, report.held.unsent))
    fixes = {_message_fix(each) for each in report.held.unsent if each.mendable}
    return _Line("Messages", f"Slack did not take some: {told}.", " ".join(sorted(fixes)))


def _unsent(each: Unsent) -> str:
    whom = mention(each.recipient) if each.recipient[0] in "UW" else f"<#{each.recipient}>"
    return f"{whom} `{escape(each.reason)}`{', given up' if each.given_up else ''}"


def _message_fix(each: Unsent) -> str:
    if not each.given_up:
        return "I’ll try again."
    if each.recipient[0] in "CG":
        return channel_fix(each.reason)
    if each.reason == "messages_tab_disabled":
        return "Turn on my Messages Tab at api.slack.com/apps, under App Home."
    return "`python -m bot doctor` says what to mend."
