# The table of scripts/accuracy from the lines of `accuracy` (tests/accuracy.c says what is in them).
# Variables: markdown (0 or 1), sampled (confidence has many values then: told by the tenth), check (bounds: "precision recall" of the held-out half, or nothing).
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
$1 == "say" && sampled { $4 = sprintf("%.1f", int($4 * 10) / 10) }
$1 == "say" && $2 != "grey" { said[$2, $3, $4]++; right[$2, $3, $4] += $5; claims[$3 " " $4] }
$1 == "cost" { ns += $2; costs++ }

# For each half in turn, one cell of the curve: how many verdicts were said with this confidence, how many are right.
function curve(claim, confidence,    h, out) {
    for (h = 1; h <= 3; h++)
        out = out "\t" said[order[h], claim, confidence] + 0 "\t" \
            percent(right[order[h], claim, confidence], said[order[h], claim, confidence])
    return out
}

END {
    split("tuned held fresh grey", order)
    split("tuned on,held out,fresh", title, ",")
    rule_row("family\thalf\tgrows\truns\tright %\tfalse flags %\tfirst flag %")
    for (k = 1; k <= family_count; k++) {
        name = families[k]
        if (half[name] != "grey")
            row(name "\t" half[name] "\t" (label[name] ? "yes" : "no") "\t" runs[name] "\t" \
                percent(runs[name] - false_positives[name] - missed[name], runs[name]) "\t" \
                percent(falsely_flagged[name], runs[name]) "\t" median(name))
    }
    for (h = 1; h <= 3; h++) {
        if (!(order[h] in halves)) continue
        print ""
        rule_row(title[h] "\tprecision\trecall\tF1\tfalse flags %\tfirst flag %")
        overall("leakwatch", "leakwatch," order[h])
        for (k = 1; k <= rule_count; k++) overall(rules[k], rules[k] "," order[h])
    }
    if ("grey" in halves) {
        print ""
        rule_row("grey\truns\tcalled growing %")
        for (k = 1; k <= family_count; k++)
            if (half[families[k]] == "grey")
                row(families[k] "\t" runs[families[k]] "\t" percent(false_positives[families[k]], runs[families[k]]))
    }
    print ""
    rule_row("verdict, said\ttuned\tright %\theld out\tright %\tfresh\tright %")
    for (c in claims) sorted[++claim_count] = c
    for (i = 2; i <= claim_count; i++) {
        v = sorted[i]; for (k = i - 1; k > 0 && sorted[k] > v; k--) sorted[k + 1] = sorted[k]; sorted[k + 1] = v
    }
    for (i = 1; i <= claim_count; i++) {
        split(sorted[i], claim, " ")
        row(sorted[i] curve(claim[1], claim[2]))
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
