"""What people see and press: layouts and buttons, without a search or a store of their own."""
