#!/bin/sh
# Makes the server's two databases, and brings their tables up to the version of this image. Again at any time.
set -eu
SQL_PASSWORD=$(cat /run/secrets/postgres_password)
export SQL_PASSWORD
for database in temporal:temporal temporal_visibility:visibility; do
    name=${database%%:*}
    tool="temporal-sql-tool --database $name"
    $tool create-database
    # Refused where there are tables already, which is what a second run finds.
    $tool setup-schema --version 0.0 || echo "$name: has its tables"
    $tool update-schema --schema-dir "/etc/temporal/schema/postgresql/v12/${database##*:}/versioned"
done
