"""Transactions with one meaning each, and a guard against writes outside them."""

from __future__ import annotations

import contextlib
import contextvars
import functools
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, overload

from django.db import IntegrityError, OperationalError, connection, transaction

from kernel import audit
from kernel.clock import moment_of
from kernel.errors import Busy, DomainError
from kernel.statements import prepared

if TYPE_CHECKING:
    from kernel.once import Once
    from kernel.scoping import Actor

P = ParamSpec("P")
R = TypeVar("R")

_writing: contextvars.ContextVar[bool] = contextvars.ContextVar("writing", default=False)
_busy: contextvars.ContextVar[bool] = contextvars.ContextVar("busy", default=False)


# lock_timeout, deadlock and failed serialization: somebody else was quicker, nothing was written.
_CONTENTION = {"55P03", "40P01", "40001"}


@overload
def command(func: Callable[P, R], /) -> Callable[P, R]: ...
@overload
def command(
    *, ground: Callable[..., str] | None = None, by_keys: bool = False
) -> Callable[[Callable[P, R]], Callable[P, R]]: ...
def command(
    func: Callable[P, R] | None = None,
    /,
    *,
    ground: Callable[..., str] | None = None,
    by_keys: bool = False,
) -> Any:
    """Mark a function as one whole change: it opens the transaction and the act; nobody nests it.

    The function must take a keyword-only `actor`. An act (who, with which grant, which command,
    for which moment, on what ground) is opened first, so that the history triggers know it;
    `audit.record` adds its events. The moment is the command's own argument `moment`, `now` or
    `today`, else the clock's.

    ground: tells the act's ground (an order's number, a document) from the command's arguments,
        asked inside the transaction; unless given, the command's argument `ground` if it has one.
    by_keys: whatever is asked inside, by triggers too, is found by keys or is a write, so one plan
        serves all values. PostgreSQL makes it once; else it plans a statement with an array
        (`unnest`, `ANY`) at each call, which took longer than carrying it out.

    A function that takes `once: Once | None` may be asked again under the same key: the key is
    claimed before anything else, and the outcome is kept with the change (kernel/once).

    Raises:
        Busy: others hold what is needed, or a deadlock was cut; nothing was written.
        RuntimeError: called inside another command or transaction, or rows with history were
            changed and no event recorded (bugs).
    """

    def mark(func: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(func)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            actor = kwargs["actor"]
            name = f"{func.__module__.replace('.services', '')}.{func.__name__}"
            try:
                with (
                    prepared(),
                    transaction.atomic(durable=True),
                    writes_allowed(),
                    claimed(kwargs.get("once"), actor, name) as keep,  # type: ignore[arg-type]
                ):
                    said = ground(*args, **kwargs) if ground else kwargs.get("ground")
                    with audit.act(
                        actor,  # type: ignore[arg-type]
                        name,
                        ground=said if isinstance(said, str) else "",
                        moment=moment_of(kwargs),
                        once_key=str(getattr(kwargs.get("once"), "key", "")),
                        by_keys=by_keys,
                    ):
                        return keep(func(*args, **kwargs))
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", None) in _CONTENTION:
                    _busy.set(True)
                    raise Busy from error
                raise

        run.is_command = True  # type: ignore[attr-defined]
        return run

    return mark if func is None else mark(func)


@contextlib.contextmanager
def noticing_contention() -> Iterator[Callable[[], bool]]:
    """Whether any command inside was refused as Busy, even if a form caught the refusal."""
    token = _busy.set(False)
    try:
        yield _busy.get
    finally:
        _busy.reset(token)


@contextlib.contextmanager
def claimed(once: Once | None, actor: Actor, name: str) -> Iterator[Callable[[R], R]]:
    """Claim the key of a request that may come twice; gives what keeps the result beside it.

    Raises:
        Replayed, KeyReused: as Once.claim.
    """
    if once is None:
        yield lambda result: result
        return
    once.claim(actor, name)

    def keep(result: R) -> R:
        once.keep(actor, result)
        return result

    yield keep


def part_of_command(func: Callable[P, R]) -> Callable[P, R]:
    """Mark a step that must run inside somebody else's command.

    Raises:
        RuntimeError: no command is under way (a bug).
    """

    @functools.wraps(func)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if audit.current_act() is None:
            raise RuntimeError(f"{func.__qualname__} must be called from a command")
        return func(*args, **kwargs)

    return run


@contextlib.contextmanager
def writes_allowed() -> Iterator[None]:
    """Let writes pass the read guard for a while; only commands and the session machinery use it."""
    token = _writing.set(True)
    try:
        yield
    finally:
        _writing.reset(token)


_WRITES = re.compile(r"^\s*(INSERT|UPDATE|DELETE|COPY|TRUNCATE|MERGE)\b", re.IGNORECASE)


def refuse_writes(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
    """Stop a request that promised only to read, whatever path the write took."""
    if not _writing.get() and isinstance(sql, str) and _WRITES.match(sql):
        raise RuntimeError("This request only reads; write through a command")
    return execute(sql, params, many, context)


@contextlib.contextmanager
def violation(
    constraint: str | tuple[str, ...], refusal: Callable[[], DomainError]
) -> Iterator[None]:
    """Turn the breach of a named constraint, or of any of several, into a refusal, inside its own
    savepoint.

    So the race that slips by the check reads like the check. `refusal` may read the database: what
    was written here is undone by then.
    """
    named = (constraint,) if isinstance(constraint, str) else constraint
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        diag = getattr(error.__cause__, "diag", None)
        if diag is not None and diag.constraint_name in named:
            raise refusal() from error
        raise


def advisory_lock(name: str) -> None:
    """Hold a named lock to the end of the transaction; imports and scheduled jobs take one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def after_commit(func: Callable[[], Any]) -> None:
    """Run an effect outside the database only when the command is safely committed."""
    transaction.on_commit(func)
