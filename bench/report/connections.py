"""The connections that instances of Storefront hold at most, as arithmetic: what fits a server's `max_connections`, and what does not.

One instance opens up to three things on every server: a pool for reads, a pool for writes and one connection for the health checks. The write
pool opens only on the server that takes writes, so a replica has it after its promotion. The sizes are the defaults in the sources.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from figures import number, table
from results import Invalid

ROOT = Path(__file__).resolve().parents[2]
INSTANCES = (1, 2, 4, 10, 20)
REPLICAS = (0, 1, 2, 3)
MAX_CONNECTIONS = 500
RESERVED = 3  # superuser_reserved_connections, as Postgres sets it
HEALTH = 1


@dataclass(frozen=True)
class Pools:
    """The sizes of one instance's pools."""

    read: int
    write: int
    replica: int

    @classmethod
    def defaults(cls, root=ROOT):
        database = (root / "src/config/database.rs").read_text()
        replication = (root / "src/config/replication.rs").read_text()
        return cls(
            default(database, "STOREFRONT_READ_CONNECTIONS"),
            default(database, "STOREFRONT_WRITE_CONNECTIONS"),
            default(replication, "STOREFRONT_REPLICA_CONNECTIONS"),
        )

    def on_primary(self, instances):
        return instances * (self.read + self.write + HEALTH)

    def on_replica(self, instances):
        return instances * (self.replica + HEALTH)

    def on_promoted(self, instances):
        return instances * (self.replica + self.write + HEALTH)

    def in_all(self, instances, replicas):
        return self.on_primary(instances) + replicas * self.on_replica(instances)


def default(source, variable):
    found = re.search(rf'env = "{variable}", default_value_t = (\d+)', source)
    if not found:
        raise Invalid(f"no default of {variable} in the sources")
    return int(found.group(1))


def fitting_read_pool(instances, write, spare=1, limit=MAX_CONNECTIONS):
    """The largest read pool with which the instances fit, and `spare` more while a new version rolls out; 0 where none does."""
    return max(0, (limit - RESERVED) // (instances + spare) - write - HEALTH)


def fitting_instances(pools, limit=MAX_CONNECTIONS):
    return (limit - RESERVED) // pools.on_primary(1)


def marked(connections, limit=MAX_CONNECTIONS):
    return f"**{number(connections)}**" if connections > limit - RESERVED else number(connections)


def connections_table(pools):
    """Instances down, servers across; bold is over what a server with 500 connections gives to ordinary roles."""
    head = ["instances", "on the primary", "on each replica", "on a promoted one"] + [f"in all, {count} replica{'s' * (count != 1)}" for count in REPLICAS]
    rows = [
        [count, marked(pools.on_primary(count)), marked(pools.on_replica(count)), marked(pools.on_promoted(count))]
        + [number(pools.in_all(count, replicas)) for replicas in REPLICAS]
        for count in INSTANCES
    ]
    return table(head, rows)


def pools_table(pools):
    head = ["instances", "connections an instance may open per server", f"read pool that fits, beside {pools.write} for writes", "with one instance more during a roll-out"]
    rows = [
        [count, (MAX_CONNECTIONS - RESERVED) // count, fitting_read_pool(count, pools.write, spare=0), fitting_read_pool(count, pools.write)]
        for count in INSTANCES
    ]
    return table(head, rows)
