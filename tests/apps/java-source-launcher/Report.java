public class Report {
    public static void main(String[] arguments) {
        System.out.println("compiled in memory: " + java.util.stream.IntStream.rangeClosed(1, 9).sum());
    }
}
