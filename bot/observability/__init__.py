"""What whoever runs the bot can see of it: what happens is counted, what is wrong is named, and nobody is in it."""
