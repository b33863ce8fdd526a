"""What people see and press of the quiz."""
