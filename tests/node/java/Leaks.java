/**
 * What grows in Java, and where: java Leaks.java list|cache|direct|unsafe   for TURNS (1,500: about 10 s) of the environment.
 */
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import sun.misc.Unsafe;

public class Leaks {
    /** Nobody ever empties it. */
    static final List<String> names = new ArrayList<>();
    static final List<ByteBuffer> buffers = new ArrayList<>();
    static final Map<String, int[]> cache =
            new LinkedHashMap<>() {
                @Override
                protected boolean removeEldestEntry(Map.Entry<String, int[]> eldest) {
                    return size() > 10000;
                }
            };

    static void remember(int turn) {
        for (int i = 0; i < 400; i++) names.add("name " + turn + " " + i);
    }

    static void lookUp(int turn) {
        for (int i = 0; i < 200; i++) cache.put("key " + turn + " " + i, new int[50]);
    }

    static void keepBuffer(int turn) {
        buffers.add(ByteBuffer.allocateDirect(16384));
    }

    static void keepUnsafe(int turn) throws ReflectiveOperationException {
        Field field = Unsafe.class.getDeclaredField("theUnsafe");
        field.setAccessible(true);
        ((Unsafe) field.get(null)).allocateMemory(16384);
    }

    public static void main(String[] arguments) throws Exception {
        String turnsWanted = System.getenv("TURNS");
        int turns = turnsWanted == null ? 1500 : Integer.parseInt(turnsWanted);
        for (int turn = 0; turn < turns; turn++) {
            switch (arguments[0]) {
                case "list" -> remember(turn);
                case "cache" -> lookUp(turn);
                case "direct" -> keepBuffer(turn);
                default -> keepUnsafe(turn);
            }
            Thread.sleep(5);
        }
        System.out.println("done after " + turns + " turns");
    }
}
