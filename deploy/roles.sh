#!/bin/sh
# Run once, when the database is made: the application's role, which owns nothing and may do nothing yet.
# Its rights come with each migration.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
  --set password="$CLEARFILL_APP_PASSWORD" <<'SQL'
CREATE ROLE clearfill_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'password';
SQL
