package tool;

final class Counter {
    static String describe(String subject, String mode) {
        return subject + " has " + subject.length() + " letters, mode " + mode;
    }
}
