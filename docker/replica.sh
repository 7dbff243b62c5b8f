#!/usr/bin/env bash
# A streaming replica: copies the primary once, through a replication slot of its own, then starts as a hot standby.
# devstack/src/cluster.rs runs the same pg_basebackup for tests.
#
# Needs PGHOST, PGUSER and PGPASSWORD of the primary's replication role, and REPLICA_NAME ([a-z0-9_]).
set -euo pipefail

data=/var/lib/postgresql/data/replica
copy=/var/lib/postgresql/data/copy

if [ ! -d "$data" ]; then
    # What an interrupted copy left is of no use; its slot is.
    rm -rf "$copy"
    pg_receivewal --create-slot --if-not-exists --slot="$REPLICA_NAME" --no-password
    pg_basebackup --pgdata="$copy" --no-password --wal-method=stream --checkpoint=fast \
        --slot="$REPLICA_NAME" --write-recovery-conf
    mv "$copy" "$data"
fi

# The server takes its primary from the recovery settings that pg_basebackup wrote.
unset PGHOST PGUSER PGPASSWORD
exec postgres -D "$data" -c cluster_name="$REPLICA_NAME"
