#!/usr/bin/env python3
"""Tries Storefront behind PgBouncer in session mode, beside Storefront without it, and prints one line of results per run.

    . shop.env    # DATABASE_URL, REPLICA_URLS of a seeded shop whose servers trust 127.0.0.1
    bench/report/pgbouncer.py --program target/release/storefront --data DATA > bench/results/pgbouncer.jsonl

One PgBouncer stands before each server, so each address still leads to one server. Both Storefronts run at the same time and are asked in
turn: W1 by wrk in a closed loop, then renames that are read back with their token. PgBouncer 1.18 refuses two of the parameters that sqlx and
Storefront send when they connect, so it is told to ignore them: with that go the time limit and the read-only mark of connections. Products of
DATA must be on sale, as shoppers read them; their names are changed.
"""

import argparse
import getpass
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
STAFF_KEY = "staff-key-of-the-pgbouncer-trial"
SECRET_KEY = "secret-key-of-the-pgbouncer-trial"
POOL = 30  # server connections: what one instance holds at most is 25
INI = """[databases]
{database} = host={host} port={port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = trust
auth_file = {users}
pool_mode = session
default_pool_size = {pool}
max_client_conn = 200
ignore_startup_parameters = extra_float_digits,options
user = {owner}
"""


def main():
    parser = argparse.ArgumentParser(description="Storefront behind PgBouncer in session mode, beside itself without.")
    parser.add_argument("--program", default=ROOT / "target/release/storefront", help="the release binary")
    parser.add_argument("--data", required=True, help="the folder with products.json")
    parser.add_argument("--passes", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--renames", type=int, default=200, help="renames that are read back, in each pass")
    given = parser.parse_args()
    servers = [os.environ["DATABASE_URL"], *filter(None, os.environ.get("REPLICA_URLS", "").split(","))]
    processes = []
    with tempfile.TemporaryDirectory() as folder:
        try:
            os.chmod(folder, 0o755)
            poolers = [start_pooler(Path(folder), url, processes) for url in servers]
            subjects = {
                "straight": (*start_storefront(given.program, servers, processes), []),
                "PgBouncer": (*start_storefront(given.program, [url for _, url in poolers], processes), [pid for pid, _ in poolers]),
            }
            for number in range(given.passes + 1):  # the first warms up
                for through, (pid, address, pooler_pids) in subjects.items():
                    run = measured(given, number, through, pid, address, pooler_pids, bool(servers[1:]))
                    if number > 0:
                        print(json.dumps(run), flush=True)
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait()


def start_pooler(folder, url, processes):
    """A PgBouncer before one server; answers its process and the address through it."""
    server, listen = urlsplit(url), free_port()
    users, ini = folder / "users", folder / f"{listen}.ini"
    users.write_text(f'"{server.username}" ""\n')
    owner = "postgres" if os.getuid() == 0 else getpass.getuser()
    database = server.path.strip("/")
    ini.write_text(INI.format(database=database, host=server.hostname, port=server.port, listen=listen, users=users, pool=POOL, owner=owner))
    process = subprocess.Popen(["pgbouncer", "--quiet", str(ini)], stderr=subprocess.DEVNULL)
    processes.append(process)
    wait_for(listen)
    return process.pid, f"postgres://{server.username}@127.0.0.1:{listen}/{database}"


def start_storefront(program, servers, processes):
    """A Storefront on these servers without Redis and limits; answers its process and its address."""
    settings = {
        "STOREFRONT_ENV": "production", "DATABASE_URL": servers[0], "REPLICA_URLS": ",".join(servers[1:]), "REDIS_URL": "", "FEATURE_RATE_LIMIT": "false",
        "STOREFRONT_STAFF_KEY": STAFF_KEY, "STOREFRONT_SECRET_KEY": SECRET_KEY,
    }
    command = [str(program), "serve", "--port", "0"]
    process = subprocess.Popen(command, env={**os.environ, **settings}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    processes.append(process)
    for line in process.stdout:
        if "http://" in line:
            return process.pid, "http://" + line.split("http://")[1].split()[0].rstrip("/")
    sys.exit("pgbouncer: storefront ended before it served")


def measured(given, number, through, pid, address, pooler_pids, has_replicas):
    before = cpu_seconds([pid]), cpu_seconds(pooler_pids)
    load = closed_loop(given, address, number)
    server, pooler = cpu_seconds([pid]) - before[0], cpu_seconds(pooler_pids) - before[1]
    per_request = 1e6 / load["requests"]
    return {
        "set": "pgbouncer", "subject": "storefront", "variant": "replicas" if has_replicas else "baseline", "workload": "W1", "loop": "closed",
        "asked_per_second": None, "connections": 64, "seconds": given.seconds, "pass": number, **load,
        "cpu_us": {"server": round(server * per_request, 2)}, "stale": stale_reads(given, address, number, through), "wrong": None,
        "extra": {"through": through, "pgbouncer_us": round(pooler * per_request, 2) if pooler_pids else None, "own_reads": given.renames},
    }


def closed_loop(given, address, seed):
    """What wrk's script prints last: a JSON object."""
    settings = {
        "SUBJECT": "storefront", "WORKLOAD": "W1", "BASE_URLS": address, "DATA": str(given.data), "OPERATIONS": str(ROOT / "operations"), "SEED": str(seed),
    }
    command = ["wrk", "--threads", "1", "--connections", "64", "--duration", f"{given.seconds}s", "--script", str(ROOT / "bench/wrk/closed.lua"), address]
    printed = subprocess.run(command, env={**os.environ, **settings}, check=True, capture_output=True, text=True).stdout
    return json.loads(printed.strip().splitlines()[-1])


def stale_reads(given, address, number, through):
    """Renames products and reads each back at once with the token of the rename; counts the old names that come back."""
    products = json.loads((Path(given.data) / "products.json").read_text())[: given.renames]
    rename, card = ((ROOT / "operations" / name).read_text() for name in ("product-update.graphql", "product-card.graphql"))
    stale = 0
    for product in products:
        name = f"{product['slug']} {number} {through}"
        answer, token = ask(address, rename, {"id": product["id"], "name": name}, {"x-storefront-staff-key": STAFF_KEY})
        if not token or "errors" in answer:
            sys.exit(f"pgbouncer: a rename failed: {answer}")
        answer, _ = ask(address, card, {"id": product["id"]}, {"x-consistency-token": token})
        stale += answer["data"]["product"]["name"] != name
    return stale


def ask(address, query, variables, headers):
    body = json.dumps({"query": query, "variables": variables}).encode()
    request = urllib.request.Request(f"{address}/graphql", body, {"content-type": "application/json", **headers})
    with urllib.request.urlopen(request) as response:
        return json.load(response), response.headers.get("x-consistency-token")


def cpu_seconds(pids):
    """User and system time of processes, as the kernel counts it."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(port):
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    sys.exit("pgbouncer: it does not listen within 5 s")


if __name__ == "__main__":
    main()
