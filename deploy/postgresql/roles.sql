-- Once, as a superuser, before `qingkong database prepare`:
--   sudo -u postgres psql -v owner_password="'…'" -v application_password="'…'" -f roles.sql
-- Two roles: the owner makes the tables and runs migrations; the application reads and writes, and owns nothing.
\set ON_ERROR_STOP on
CREATE ROLE qingkong_owner LOGIN PASSWORD :owner_password CONNECTION LIMIT 5;
CREATE ROLE qingkong LOGIN PASSWORD :application_password CONNECTION LIMIT 80;
CREATE DATABASE qingkong OWNER qingkong_owner ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0;
\connect qingkong
ALTER SCHEMA public OWNER TO qingkong_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
REVOKE ALL ON DATABASE qingkong FROM PUBLIC;
GRANT CONNECT ON DATABASE qingkong TO qingkong;
-- The limits the application asks for itself, here too for a pooler that drops them.
ALTER ROLE qingkong IN DATABASE qingkong SET lock_timeout = '10s';
ALTER ROLE qingkong IN DATABASE qingkong SET idle_in_transaction_session_timeout = '60s';
