# The table of scripts/accuracy from the lines of `accuracy` (tests/accuracy.c says what is in them).
# Variables: markdown (0 or 1), check (bounds: "precision recall" of the held-out half, or nothing).
function percent(part, whole) { return whole ? sprintf("%.1f", 100 * part / whole) : "-" }
function ratio(part, whole) { return whole ? sprintf("%.3f", part / whole) : "-" }
function row(line,    n, i, f) {
    if (markdown) { gsub(/ *\t */, " | ", line); print "| " line " |" }
    else { n = split(line, f, "\t"); printf "%-22s", f[1]; for (i = 2; i <= n; i++) printf " %13s", f[i]; print "" }
}
function rule_row(line,    n, i, f, out) {
    row(line)
    if (!markdown) return
    n = split(line, f, "\t"); out = "|---|"
    for (i = 2; i <= n; i++) out = out "---:|"
    print out
}
# Median of the first flags of `who`; a growing run without a flag counts as flagged at its end.
function median(who,    n, i, k, v, a) {
    n = 0 + firsts[who]
    if (!n) return "-"
    for (i = 1; i <= n; i++) a[i] = first[who, i]
    for (i = 2; i <= n; i++) { v = a[i]; for (k = i - 1; k > 0 && a[k] > v; k--) a[k + 1] = a[k]; a[k + 1] = v }
    return sprintf("%.1f", 100 * a[int((n + 1) / 2)])
}
function add(who, grows, says, falsely, at) {
    runs[who]++; flat[who] += !grows
    true_positives[who] += grows && says; false_positives[who] += !grows && says; missed[who] += grows && !says
    falsely_flagged[who] += falsely; flat_falsely[who] += !grows && falsely
    if (grows) first[who, ++firsts[who]] = at == "-" ? 1 : at
}
function precision(who) { return ratio(true_positives[who], true_positives[who] + false_positives[who]) }
function recall(who) { return ratio(true_positives[who], true_positives[who] + missed[who]) }
function f1(who) {
    return ratio(2 * true_positives[who], 2 * true_positives[who] + false_positives[who] + missed[who])
}
function overall(name, who) {
    row(name "\t" precision(who) "\t" recall(who) "\t" f1(who) "\t" \
        percent(flat_falsely[who], flat[who]) "\t" median(who))
}

$1 == "run" {
    if (!($2 in half)) { families[++family_count] = $2; half[$2] = $3; label[$2] = $4 }
    says = $6 == "growing"
    add($2, $4, says, $9, $8)
    add("leakwatch," $3, $4, says, $9, $8)
    for (c = 10; c <= NF; c++) {
        split($c, rule, /[=,]/)
        if (!(rule[1] in known)) { known[rule[1]]; rules[++rule_count] = rule[1] }
        add(rule[1] "," $3, $4, rule[2], rule[3], rule[4])
    }
    halves[$3]
}
$1 == "say" { said[$2, $3, $4]++; right[$2, $3, $4] += $5; claims[$3 " " $4] }
$1 == "cost" { ns += $2; costs++ }

END {
    rule_row("family\thalf\tgrows\truns\tright %\tfalse flags %\tfirst flag %")
    for (k = 1; k <= family_count; k++) {
        name = families[k]
        row(name "\t" half[name] "\t" (label[name] ? "yes" : "no") "\t" runs[name] "\t" \
            percent(runs[name] - false_positives[name] - missed[name], runs[name]) "\t" \
            percent(falsely_flagged[name], runs[name]) "\t" median(name))
    }
    for (h = 1; h <= 2; h++) {
        which = h == 1 ? "tuned" : "held"
        if (!(which in halves)) continue
        print ""
        rule_row((h == 1 ? "tuned on" : "held out") "\tprecision\trecall\tF1\tfalse flags %\tfirst flag %")
        overall("leakwatch", "leakwatch," which)
        for (k = 1; k <= rule_count; k++) overall(rules[k], rules[k] "," which)
    }
    print ""
    rule_row("verdict, said\ttuned\tright %\theld out\tright %")
    for (c in claims) order[++claim_count] = c
    for (i = 2; i <= claim_count; i++) {
        v = order[i]; for (k = i - 1; k > 0 && order[k] > v; k--) order[k + 1] = order[k]; order[k + 1] = v
    }
    for (i = 1; i <= claim_count; i++) {
        split(order[i], claim, " ")
        t = "tuned" SUBSEP claim[1] SUBSEP claim[2]; o = "held" SUBSEP claim[1] SUBSEP claim[2]
        row(order[i] "\t" said[t] + 0 "\t" percent(right[t], said[t]) "\t" said[o] + 0 "\t" percent(right[o], said[o]))
    }
    printf "\n%.2f us a judgement\n", costs ? ns / costs / 1000 : 0
    if (check) {
        split(check, bound, " ")
        if (precision("leakwatch,held") < bound[1] || recall("leakwatch,held") < bound[2]) {
            print "below the bounds: precision " bound[1] ", recall " bound[2]
            exit 1
        }
    }
}
