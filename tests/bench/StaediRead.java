import io.xlate.edi.stream.EDIInputFactory;
import io.xlate.edi.stream.EDIStreamEvent;
import io.xlate.edi.stream.EDIStreamReader;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads a file with StaEDI, control rules only, several times in one process so that its code is compiled, and prints
 * the characters of all element data and the fewest seconds a round took. Run by the benchmark {@code x12}.
 */
public final class StaediRead {
    private StaediRead() {
    }

    /** The file, and the rounds. */
    public static void main(String[] arguments) throws Exception {
        Path file = Path.of(arguments[0]);
        double best = Double.MAX_VALUE;
        long characters = 0;
        for (int round = 0; round < Integer.parseInt(arguments[1]); round++) {
            long begin = System.nanoTime();
            characters = read(file);
            best = Math.min(best, (System.nanoTime() - begin) / 1e9);
        }
        System.out.println(characters + " " + best);
    }

    private static long read(Path file) throws Exception {
        long characters = 0;
        try (InputStream input = Files.newInputStream(file);
                EDIStreamReader reader = EDIInputFactory.newFactory().createEDIStreamReader(input)) {
            while (reader.hasNext()) {
                if (reader.next() == EDIStreamEvent.ELEMENT_DATA) {
                    characters += reader.getTextLength();
                }
            }
        }
        return characters;
    }
}
