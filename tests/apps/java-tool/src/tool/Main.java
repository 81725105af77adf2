package tool;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Properties;

public final class Main {
    public static void main(String[] arguments) throws IOException {
        Properties words = new Properties();
        try (var stream = Main.class.getResourceAsStream("/words.properties")) {
            words.load(new java.io.InputStreamReader(stream, StandardCharsets.UTF_8));
        }
        System.out.println(Counter.describe(words.getProperty("subject"), System.getenv("TOOL_MODE")));
    }
}
