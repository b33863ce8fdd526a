"""The quiz without Discord: what is asked, how it is graded and when it comes back; no clock or chance of its own."""
