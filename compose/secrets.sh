#!/bin/sh
# Makes the passwords docker-compose.yml reads, as files in compose/secrets, and the folder inbox; what is there stays.
#
# The folder is for its owner only. The files in it are readable to all, because Docker hands them over with the rights
# they have here and the services run as users of their own.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p secrets
chmod 700 secrets

make() {
    [ -s "secrets/$1" ] && return
    # hexadecimal: Grafana would take a $ in it for a variable
    printf %s "$2" > "secrets/$1.new"
    chmod 444 "secrets/$1.new"
    mv "secrets/$1.new" "secrets/$1"
    echo "made compose/secrets/$1"
}
random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

make postgres_password "$(random)"
make flowd_owner_password "$(random)"
make flowd_grafana_password "$(random)"
make grafana_admin_password "$(random)"
make flowd_database_url "postgresql://flowd_owner:$(cat secrets/flowd_owner_password)@timescaledb:5432/flowd"

# flowd moves files that were read into a folder beside them, as an account of its own: it has to be able to write here.
# Run by root the folder is that account's; otherwise everybody on this machine may put files into it.
if [ ! -d ../inbox ]; then
    mkdir ../inbox
    if [ "$(id -u)" = 0 ]; then chown 10001:10001 ../inbox && chmod 755 ../inbox; else chmod 777 ../inbox; fi
    echo "made inbox"
fi
