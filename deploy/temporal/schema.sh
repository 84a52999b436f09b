#!/bin/sh
# Makes the server's two databases, and brings their tables up to this version. Again at any time: what is there
# stays. SQL_HOST, SQL_PORT, SQL_USER and SQL_PLUGIN are the tool's own variables.
set -eu
SQL_PASSWORD=$(cat "${POSTGRES_PASSWORD_FILE:-/run/secrets/postgres_password}")
export SQL_PASSWORD
schemas=${SCHEMAS:-/etc/temporal/schema/postgresql/v12}
for database in temporal:temporal temporal_visibility:visibility; do
    tool="temporal-sql-tool --database ${database%%:*}"
    $tool create-database
    $tool setup-schema --version 0.0
    $tool update-schema --schema-dir "$schemas/${database##*:}/versioned"
done
