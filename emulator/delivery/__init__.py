"""At-least-once, from "a rule matched" to "the target took it"."""
