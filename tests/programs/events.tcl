set kind [lindex $argv 0]
set finish [expr {[clock milliseconds] + 8000}]
set events {}
set number 0
while {[clock milliseconds] < $finish} {
    for {set i 0} {$i < 100} {incr i} {
        lappend events "event [incr number] [string repeat x 60]"
    }
    if {$kind eq "flat" && [llength $events] > 1000} {
        set events {}
    }
    after 2
}
