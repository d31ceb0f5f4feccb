# Guests' manners: whatever a process can see of itself is what it would be without us.
# shellcheck shell=sh disable=SC2034,SC2154 # the variables of run

scenario a_daemon_sees_no_difference 1 20 60 "a daemon's life: descriptors, signals, limits, modes at every step"
a_daemon_sees_no_difference() {
    with=LEAKWATCH_CHILDREN=all
    repeat program "$targets/manners"
}

scenario descriptors_are_the_programs_alone 1 20 120 "lowest free descriptor while threads come and go, closefrom"
descriptors_are_the_programs_alone() {
    with=LEAKWATCH_CHILDREN=all
    repeat program "$targets/descriptors"
}
