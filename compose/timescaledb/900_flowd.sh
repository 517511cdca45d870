#!/bin/sh
# Runs once, when the database is made: a login for flowd that is no superuser, and TimescaleDB for it.
set -eu
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username=postgres --dbname=flowd \
    --set=password="$(cat /run/secrets/flowd_owner_password)" <<'SQL'
CREATE EXTENSION IF NOT EXISTS timescaledb;
CREATE ROLE flowd_owner LOGIN CREATEROLE PASSWORD :'password';
ALTER DATABASE flowd OWNER TO flowd_owner;
SQL
