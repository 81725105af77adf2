"""What is known of each language's images and builds."""
