"""3. Many creates of one user at once: who passes, how long it takes, what others notice."""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from bench import usual_flow
from bench.callers import Call, Line, all_at_once
from bench.instances import BASELINE, COUNTED, Program, instance
from bench.projects import fresh_project, make_user, make_users
from bench.rows import Row, Section
from bench.timing import ms, p50

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.cloud.firestore import Client

    from bench.callers import Answer
    from bench.sizes import Sizes

LIMIT = 10
ENGINE_SECONDS = 0.1
"""What stands for the engine in the usual flow; real ones take seconds."""
NEIGHBOURS = [f"neighbour-{number}" for number in range(300)]
STORMS = ((50, LIMIT), (200, LIMIT), (200, None))


@dataclass
class Storm:
    """All repetitions of one storm."""

    reasons: list[Counter[str]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    attempts: list[int] = field(default_factory=list)
    neighbour: list[float] = field(default_factory=list)

    def add(self, seconds: float, answers: list[Answer]) -> None:
        self.reasons.append(Counter(answer.reason for answer in answers))
        self.seconds.append(seconds)
        self.attempts += [answer.attempts for answer in answers]

    @property
    def outcome(self) -> str:
        """Write down who passed and why others did not; of several repetitions each that differs."""
        texts = [
            ", ".join(
                f"{count} {reason}" for reason, count in sorted(reasons.items(), key=_ok_first)
            )
            for reasons in self.reasons
        ]
        return " / ".join(dict.fromkeys(texts))

    def numbers(self) -> dict[str, Any]:
        return vars(self) | {"reasons": [dict(reasons) for reasons in self.reasons]}

    @property
    def effort(self) -> str:
        mean = sum(self.attempts) / len(self.attempts)
        return f"{p50(self.seconds):.2f} s; attempts {mean:.1f}, most {max(self.attempts)}"


def measure(sizes: Sizes, say: Callable[[str], None]) -> Section:
    """Let storms break over one and two instances, and over two other ways to keep a limit."""
    rows: list[Row] = []
    numbers: dict[str, Any] = {}
    for instances in (1, 2):
        quiet, storms = _genquota(instances, sizes.storms, say)
        numbers[f"quiet neighbour, {instances}"] = quiet
        for (callers, limit), storm in storms.items():
            what = f"{_name(callers, limit)}, {instances} instance{'s' if instances > 1 else ''}"
            passing = callers if limit is None else limit
            expected = Counter({"ok": passing, "quota-exceeded": callers - passing})
            is_met = all(+expected == reasons for reasons in storm.reasons)
            rest = f", {callers - passing} quota-exceeded" if callers > passing else ""
            target = f"{passing} ok{rest}"
            rows.append(Row(what, storm.outcome, "", storm.effort, target, is_met))
            slowest = f"slowest of {len(storm.neighbour)} {ms(max(storm.neighbour))}"
            meanwhile = f"{ms(p50(storm.neighbour))}, {slowest}"
            rows.append(Row("- another user's p50", meanwhile, f"quiet: {ms(quiet)}", ""))
            numbers[what] = storm.numbers()
    for label, target_name, prepare in (
        ("@transactional", "create_in_transaction", _prepare_documents),
        ("check, create, count", "check_then_count", _prepare_usual_flow),
    ):
        for callers, limit in STORMS[:2]:
            say(f"{label}: {callers} callers")
            storm = _baseline(target_name, prepare, callers, 1)
            what = f"{_name(callers, limit)}, {label}"
            passed = max(reasons["ok"] for reasons in storm.reasons)
            verdict = f"; {passed - LIMIT} too many" if passed > LIMIT else ""
            rows.append(Row(what, "", storm.outcome, storm.effort + verdict))
            numbers[what] = storm.numbers()
    return Section(
        "contention",
        "3. Many creates of one user at once",
        "the same decision and documents in the SDK's `@firestore.transactional`, and the usual flow "
        f"(check, create, {ENGINE_SECONDS * 1000:.0f} ms of engine, update, increment), one instance",
        f"Callers over HTTP, each with its own connection and key, to instances of 80 threads; "
        f"{sizes.storms} storms each, differing outcomes are all shown. Times are medians, from the "
        "first request to the last answer. An attempt is one reading of the documents. Meanwhile "
        "another user calls the first instance, one create after the other.",
        rows,
        numbers,
    )


def _genquota(
    instances: int, repetitions: int, say: Callable[[str], None]
) -> tuple[float, dict[tuple[int, int | None], Storm]]:
    """Return the neighbour's quiet p50, and the storms."""
    storms: dict[tuple[int, int | None], Storm] = {kind: Storm() for kind in STORMS}
    quiet: list[float] = []
    for number in range(repetitions):
        say(f"round {number + 1} of {repetitions}, instances: {instances}")
        with ExitStack() as stack:
            db = stack.enter_context(fresh_project())
            db.document("plans/roomy").set({"limits": {"period": -1}})
            make_users(db, NEIGHBOURS)
            for uid in NEIGHBOURS:
                db.document("users", uid).update({"planId": "roomy"})
            ports = [
                stack.enter_context(instance(Program(COUNTED), db.project)).port
                for _ in range(instances)
            ]
            neighbour = _Neighbour(db, ports[0])
            warm = [[Call.create(db.project, uid, "warm")] for uid in NEIGHBOURS[-80:]]
            all_at_once(ports, warm[:instances])
            all_at_once(ports, warm)
            quiet += neighbour.call(40)
            for (callers, limit), storm in storms.items():
                uid = f"user-{callers}-{limit}"
                make_user(db, uid)
                if limit is None:
                    db.document("users", uid).update({"planId": "roomy"})
                calls = [[Call.create(db.project, uid, f"key-{key}")] for key in range(callers)]
                with neighbour:
                    storm.add(*all_at_once(ports, calls))
                storm.neighbour += neighbour.times
            neighbour.close()
    return p50(quiet), storms


class _Neighbour:
    """Another user, who goes on creating while the storm lasts."""

    def __init__(self, db: Client, port: int) -> None:
        self._line = Line(port)
        uids = NEIGHBOURS[:-80]  # the last have warmed the instance
        self._calls = (
            Call.create(db.project, uid, f"key-{key}") for key in range(5) for uid in uids
        )
        self._is_over = threading.Event()
        self.times: list[float] = []

    def call(self, count: int) -> list[float]:
        return [self._line.ask(next(self._calls)).seconds for _ in range(count)]

    def __enter__(self) -> Self:
        self.times = []
        self._is_over.clear()
        self._thread = threading.Thread(target=self._go_on)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _go_on(self) -> None:
        while not self._is_over.is_set():
            self.times += self.call(1)

    def close(self) -> None:
        self._line.close()


def _baseline(
    target: str, prepare: Callable[[Client], None], callers: int, repetitions: int
) -> Storm:
    storm = Storm()
    for _ in range(repetitions):
        with fresh_project() as db, instance(Program(BASELINE, target), db.project) as bare:
            prepare(db)
            more = {"limit": LIMIT, "engineSeconds": ENGINE_SECONDS}
            calls = [[Call.create(db.project, "user", f"key{n}", **more)] for n in range(callers)]
            storm.add(*all_at_once([bare.port], calls))
    return storm


def _prepare_documents(db: Client) -> None:
    make_user(db, "user")


def _prepare_usual_flow(db: Client) -> None:
    usual_flow.prepare(db, "user", LIMIT)


def _name(callers: int, limit: int | None) -> str:
    return f"{callers} creates, {'no limit' if limit is None else f'limit {limit}'}"


def _ok_first(reason: tuple[str, int]) -> tuple[bool, str]:
    return reason[0] != "ok", reason[0]
