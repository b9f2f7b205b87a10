#!/bin/sh
# Run the tests on a private PostgreSQL: made in a folder of its own, on a socket of its own, removed at the end.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
find_server() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1; }
bin=$(find_server)
if [ -z "$bin" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "==> 安装 / installing postgresql"
    apt-get update -qq >/dev/null
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql >/dev/null
    bin=$(find_server)
fi
if [ -z "$bin" ]; then
    echo "没有 PostgreSQL；安装：sudo apt-get install postgresql / no PostgreSQL here" >&2
    exit 1
fi
folder=$(mktemp -d /tmp/qingkong-postgres-XXXXXX)
as() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
[ "$(id -u)" = 0 ] && chown postgres "$folder"
finish() { (cd / && as "$bin/pg_ctl" -D "$folder/data" -m immediate -s stop >/dev/null 2>&1) || true; rm -rf "$folder"; }
trap finish EXIT INT TERM
cd /
as "$bin/initdb" -D "$folder/data" -U qingkong --auth=trust -E UTF8 --locale=C.UTF-8 >/dev/null
as "$bin/pg_ctl" -D "$folder/data" -w -s -l "$folder/log" \
    -o "-c listen_addresses=127.0.0.1 -c port=${QINGKONG_PG_PORT:=54329} -c unix_socket_directories=$folder -c max_connections=60 -c fsync=off" start
cd "$here"
server="postgres://qingkong@127.0.0.1:$QINGKONG_PG_PORT"
"$bin/createuser" -h 127.0.0.1 -p "$QINGKONG_PG_PORT" -U qingkong serving
# `qingkong` makes the tables; the tests act as `serving`, which owns nothing and has the application's rights alone.
[ $# -eq 0 ] && set -- src tests/postgres && all=yes
QINGKONG_DATABASE_URL="$server/qingkong" QINGKONG_TEST_ROLE=serving \
    .venv/bin/python -m pytest -q -n 2 --dist loadfile -m "not deep and not browser" "$@"
if [ "${all:-}" ]; then # and a few journeys, on a database of their own
    "$bin/createdb" -h 127.0.0.1 -p "$QINGKONG_PG_PORT" -U qingkong journeys
    QINGKONG_JOURNEYS_DATABASE_URL="$server/journeys" .venv/bin/python -m pytest -q -n 0 tests/journeys/test_calls.py
fi
