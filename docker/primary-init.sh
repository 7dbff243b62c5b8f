#!/usr/bin/env bash
# Runs once, when the primary's data folder is new: roles, the server's database, and what replication needs.
# The settings go into postgresql.conf, which replicas copy. devstack/src/cluster.rs does the same for tests.
set -euo pipefail

psql --set=ON_ERROR_STOP=1 --username=postgres --dbname=postgres \
    --set=database_password="$DATABASE_PASSWORD" --set=replication_password="$REPLICATION_PASSWORD" <<'SQL'
CREATE ROLE replicator LOGIN REPLICATION PASSWORD :'replication_password';
CREATE ROLE storefront LOGIN PASSWORD :'database_password';
GRANT pg_read_all_stats TO storefront;
CREATE DATABASE storefront TEMPLATE template0 OWNER storefront;
SQL

echo 'host replication replicator samenet scram-sha-256' >>"$PGDATA/pg_hba.conf"

cat >>"$PGDATA/postgresql.conf" <<'CONF'

max_connections = 200
wal_level = replica
max_wal_senders = 20
max_replication_slots = 20
wal_keep_size = 256MB
# A replica that is away for good doesn't fill the primary's disk.
max_slot_wal_keep_size = 4GB
hot_standby = on
wal_retrieve_retry_interval = 1s
shared_preload_libraries = 'pg_stat_statements'
CONF
