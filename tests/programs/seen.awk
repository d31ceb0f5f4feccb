BEGIN {
    srand(); finish = srand() + 8
    for (now = 0; now < finish; now = srand()) {
        for (i = 0; i < 500; i++) {
            line++
            seen["line " (kind == "flat" ? line % 1000 : line)]++
        }
        for (i = 0; i < 30000; i++) { }
        srand()
    }
}
