package shop;

class Price {
    private final int cents;

    Price(String cents) {
        this.cents = Integer.parseInt(cents);
    }

    @Override
    public String toString() {
        return String.format(java.util.Locale.ROOT, "%d.%02d", cents / 100, cents % 100);
    }
}
