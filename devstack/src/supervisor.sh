# The supervisor of one stack: `sh -c "$script" devstack-supervisor <parent folder>`.
#
# It makes the stack's folder, prints its path, and waits for the end of its standard input. The owner holds the other end
# of that pipe, so the end comes when the owner stops, crashes or is killed, whichever way. Then it stops what runs and
# removes the folder. It ignores the signals that a terminal sends to the owner.
#
# Every program of the stack is recorded as an empty file pids/<pid>.<name> before it begins (see process.rs).

trap '' INT TERM HUP QUIT PIPE

folder=$(mktemp -d "$1/devstack-XXXXXX") || exit 1
mkdir "$folder/pids" || exit 1
printf '%s\n' "$folder"
exec >/dev/null 2>&1
cd / || exit 1

while read -r _; do :; done

# A launcher that comes late finds no folder to record itself in, and gives up.
mv "$folder/pids" "$folder/ended"

# A process that has ended but isn't reaped yet counts as ended: process 1, which inherits the owner's children, may be slow.
runs() { kill -0 "$pid" && case $(ps -o stat= -p "$pid") in Z*) false ;; esac; }

# each <command>: runs it for every recorded process that is still there, with $pid and $name set.
each() {
    for record in "$folder"/ended/*; do
        record=${record##*/}
        pid=${record%%.*}
        name=${record#*.}
        if [ "$pid" != '*' ] && runs; then "$1"; fi
    done
}

# to_children <signal>: Postgres's back-ends aren't recorded and have process groups of their own; they are known by their
# parent as long as it lives, so they come before it.
to_children() {
    ps -A -o pid= -o ppid= | while read -r child parent; do
        if [ "$parent" = "$pid" ]; then kill "-$1" "$child"; fi
    done
}

# Postgres gives its shared memory back when it is asked to stop at once; the others have nothing to give back.
# A frozen process hears nothing until it is thawed; that goes for each back-end too.
stop() {
    case $name in
        postgres) to_children CONT; kill -QUIT "$pid"; kill -CONT "$pid" ;;
        *) kill_group ;;
    esac
}
kill_group() { to_children KILL; kill -KILL "-$pid"; kill -KILL "$pid"; }
note() { left=$((left + 1)); }

# gone <rounds>: waits until nothing is left, at most that many twentieths of a second.
gone() {
    rounds=$1
    while :; do
        left=0
        each note
        [ "$left" -eq 0 ] && return 0
        [ "$rounds" -eq 0 ] && return 1
        rounds=$((rounds - 1))
        sleep 0.05
    done
}

each stop
gone 100 || { each kill_group; gone 40; }

# A killed Postgres leaves its small System V segment behind; the seventh line of its postmaster.pid names it.
for lock in "$folder"/*/postmaster.pid; do
    segment=$(sed -n '7s/^ *[0-9]* *\([0-9]*\) *$/\1/p' "$lock")
    [ -n "$segment" ] && ipcrm -m "$segment"
done

# Children of what was killed may write for a moment longer.
rounds=100
until rm -rf "$folder" || [ "$rounds" -eq 0 ]; do
    rounds=$((rounds - 1))
    sleep 0.05
done
