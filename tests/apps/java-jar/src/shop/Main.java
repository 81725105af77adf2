package shop;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

public class Main {
    public static void main(String[] arguments) throws IOException {
        Properties prices = new Properties();
        try (InputStream stream = Main.class.getResourceAsStream("/prices.properties")) {
            prices.load(stream);
        }
        System.out.println("pear costs " + new Price(prices.getProperty("pear")));
    }
}
