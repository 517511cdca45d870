-- Runs in PostgreSQL's single-user mode while nobody else can be connected: {…} are literals filled in by embedded.py.

-- name: begin_cluster
CREATE ROLE flowd_owner LOGIN CREATEROLE CREATEDB;

CREATE ROLE flowd_app LOGIN;

GRANT flowd_app TO flowd_owner WITH ADMIN TRUE, INHERIT FALSE, SET TRUE;

CREATE ROLE flowd_admin NOLOGIN;

CREATE DATABASE flowd OWNER flowd_owner;

REVOKE ALL ON DATABASE flowd FROM PUBLIC;

GRANT CONNECT, TEMPORARY ON DATABASE flowd TO flowd_app;

-- name: set_passwords
ALTER ROLE postgres PASSWORD {postgres};

ALTER ROLE flowd_owner PASSWORD {flowd_owner};

ALTER ROLE flowd_app PASSWORD {flowd_app};
