#!/bin/sh
# Run once by the postgres image, when its data folder is new: our two roles and the database, as
# domain/bootstrap.py makes them. The owner migrates; the app role serves and can't bypass row-level security.
set -eu

psql --set ON_ERROR_STOP=1 --no-psqlrc --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
  --set owner_password="$RECEPTION_OWNER_PASSWORD" --set app_password="$RECEPTION_APP_PASSWORD" <<'SQL'
CREATE ROLE reception_owner LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE PASSWORD :'owner_password';
CREATE ROLE reception_app LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE PASSWORD :'app_password';
CREATE DATABASE reception OWNER reception_owner ENCODING 'UTF8' TEMPLATE template0;
GRANT CONNECT ON DATABASE reception TO reception_app;
SQL
