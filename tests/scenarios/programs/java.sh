# java: a class, threads, garbage, an exception.
# shellcheck shell=sh

cat >A.java <<'END'
import java.util.*;
public class A {
    public static void main(String[] a) throws Exception {
        Map<Integer, String> m = new HashMap<>();
        for (int i = 0; i < 100000; i++) m.put(i, "x" + i);
        Thread[] t = new Thread[4];
        for (int i = 0; i < 4; i++) (t[i] = new Thread(() -> { for (int k = 0; k < 100; k++) new ArrayList<byte[]>().add(new byte[100000]); })).start();
        for (Thread x : t) x.join();
        System.out.println(m.size());
        try { Object o = null; o.toString(); } catch (NullPointerException e) { System.out.println("null"); }
        System.exit(5);
    }
}
END
if command -v javac >/dev/null; then java -Xmx256m A.java; else java -Xmx256m -Xshare:auto -XshowSettings:none -version 2>/dev/null; fi
echo "java $?"
